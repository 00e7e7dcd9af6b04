package dev.writebehind.loadtest.raw;

import java.util.Arrays;
import java.util.Locale;

/** What was done in some seconds, and how long each took; not for concurrent use. */
public final class Latencies {
    private static final int FIRST_CAPACITY = 1 << 16;
    private static final double MICROS = 1_000;

    private int[] micros = new int[FIRST_CAPACITY];
    private int count;

    /** Notes one that took that long. */
    public void add(long nanos) {
        if (count == micros.length) {
            micros = Arrays.copyOf(micros, count * 2);
        }
        micros[count++] = (int) Math.min(Integer.MAX_VALUE, nanos / 1_000);
    }

    /** Returns how many were noted. */
    public int count() {
        return count;
    }

    /**
     * Returns a line of JSON.
     *
     * @param units writes or rows that were done
     * @param failed requests that were not
     */
    public String json(long units, long failed, double seconds) {
        Arrays.sort(micros, 0, count);
        return String.format(
                Locale.ROOT,
                "{\"units\":%d,\"failed\":%d,\"seconds\":%.6f,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}",
                units,
                failed,
                seconds,
                millis(0.5),
                millis(0.99),
                millis(0.999),
                millis(1));
    }

    private double millis(double share) {
        return count == 0 ? 0 : micros[Math.max(0, (int) Math.ceil(share * count) - 1)] / MICROS;
    }
}
