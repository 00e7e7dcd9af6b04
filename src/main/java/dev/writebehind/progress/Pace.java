package dev.writebehind.progress;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Progress as lines, the first after a while and then one in so much time, each with how long the rest may take. Safe
 * for any thread.
 */
public final class Pace implements Progress {
    private final String name;
    private final long intervalNanos;
    private final LongSupplier nanos;
    private final Consumer<String> lines;
    private final long began;
    private long told;

    private Pace(String name, Duration interval, LongSupplier nanos, Consumer<String> lines) {
        this.name = name;
        this.intervalNanos = interval.toNanos();
        this.nanos = nanos;
        this.lines = lines;
        this.began = nanos.getAsLong();
        this.told = began;
    }

    /** Begins now; what is done within that interval is told nobody. */
    public static Pace begin(String name, Duration interval, Consumer<String> lines) {
        return begin(name, interval, System::nanoTime, lines);
    }

    /** As the other, by that clock. */
    public static Pace begin(String name, Duration interval, LongSupplier nanos, Consumer<String> lines) {
        return new Pace(name, interval, nanos, lines);
    }

    @Override
    public synchronized void at(long done, long total, String what) {
        long now = nanos.getAsLong();
        if (now - told < intervalNanos) {
            return;
        }
        told = now;
        lines.accept(name + ": " + text(done, total, what, now - began));
    }

    /** Returns it in words, with an estimate where enough is done for one: {@code 45 %, 12 s left (rows looked at)}. */
    public static String text(long done, long total, String what, long elapsedNanos) {
        String elapsed = "for " + seconds(TimeUnit.NANOSECONDS.toSeconds(elapsedNanos));
        if (total <= 0) {
            return elapsed + (done > 0 ? String.format(Locale.ROOT, ", %,d %s", done, what) : ", " + what);
        }
        double part = Math.min(1, Math.max(0, (double) done / total));
        String left = part < 0.01
                ? elapsed
                : seconds(Math.round(TimeUnit.NANOSECONDS.toMillis(elapsedNanos) / 1e3 * (1 - part) / part)) + " left";
        return String.format(Locale.ROOT, "%d %%, %s (%s)", (int) (100 * part), left, what);
    }

    private static String seconds(long seconds) {
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 2 * 3_600 ? seconds / 60 + " min" : seconds / 3_600 + " h " + seconds / 60 % 60 + " min";
    }
}
