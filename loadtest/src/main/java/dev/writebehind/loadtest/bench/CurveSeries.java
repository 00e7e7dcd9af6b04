package dev.writebehind.loadtest.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/** What the curves are drawn over: one thing varied, all else as by default. */
public enum CurveSeries {
    PENDING("keys that wait", 1e4, 1e5, 1e6, 1e7),
    CONNECTIONS("connections", 1, 4, 16, 64, 256, 1_000),
    BODY("writes in each request", 1, 10, 100, 1_000, 10_000),
    LANES("lanes", 1, 2, 4, 8),
    INTERVAL("flush.interval, ms", 10, 50, 250, 1_000, 5_000, 60_000),
    TABLE("rows in the table before", 1e5, 1e6, 1e7);

    private final String axis;

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<Double> values;

    CurveSeries(String axis, double... values) {
        this.axis = axis;
        this.values = DoubleStream.of(values).boxed().toList();
    }

    /** Returns what is varied, in words. */
    public String axis() {
        return axis;
    }

    /** Returns the values up to that one. */
    public List<Double> values(double most) {
        return values.stream().filter(value -> value <= most).toList();
    }

    /** Returns the series of that name, in any case. */
    public static CurveSeries named(String name) {
        return Arrays.stream(values())
                .filter(series -> series.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no series called " + name));
    }
}
