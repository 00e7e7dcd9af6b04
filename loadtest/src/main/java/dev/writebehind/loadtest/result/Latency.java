package dev.writebehind.loadtest.result;

import org.HdrHistogram.Histogram;

/**
 * The latency of requests, in milliseconds; immutable.
 *
 * @param count how many requests
 */
public record Latency(long count, double p50, double p95, double p99, double p999, double max) {
    private static final double MICROS = 1_000;

    /** Of nothing. */
    public static final Latency NONE = new Latency(0, 0, 0, 0, 0, 0);

    /** Returns what a histogram of microseconds holds. */
    public static Latency of(Histogram micros) {
        return new Latency(
                micros.getTotalCount(),
                micros.getValueAtPercentile(50) / MICROS,
                micros.getValueAtPercentile(95) / MICROS,
                micros.getValueAtPercentile(99) / MICROS,
                micros.getValueAtPercentile(99.9) / MICROS,
                micros.getMaxValue() / MICROS);
    }
}
