package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.Variant;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One run as it is to be done; immutable.
 *
 * @param scenario its class's simple name
 * @param settle the end of the warm-up, in which users' rows are held already
 * @param busy who holds users' rows in the scenario {@code UserTableBusy}
 * @param pool connections of direct writes
 */
record RunPlan(
        String scenario,
        Variant variant,
        int round,
        double rate,
        int learners,
        int courseSize,
        Duration warmUp,
        Duration settle,
        Duration duration,
        Duration timeout,
        Busy busy,
        int pool) {

    /**
     * The way in which the user table is kept busy.
     *
     * @param share of the learners whose rows are held at any time
     * @param hold how long a transaction holds its rows
     * @param transactions that do it at the same time
     */
    record Busy(double share, Duration hold, int transactions) {}

    boolean isUserTableBusy() {
        return scenario.equals("UserTableBusy");
    }

    boolean isDatabaseOutage() {
        return scenario.equals("DatabaseOutage");
    }

    boolean isMobileBatch() {
        return scenario.equals("MobileBatch");
    }

    /** Whether the scenario ends when the target can't go on, and not at a set time. */
    boolean isOpenEnded() {
        return scenario.equals("MaxThroughput");
    }

    /** Returns a name for its files. */
    String name() {
        return String.join("-", scenario, variant.option(), String.valueOf(round), "pool" + pool);
    }

    /** Returns what the reader of the report should know. */
    Map<String, String> parameters() {
        Map<String, String> parameters = new TreeMap<>(Map.of(
                "writes due in a second", String.format(Locale.ROOT, "%,.0f", rate),
                "learners", String.format(Locale.ROOT, "%,d", learners),
                "blocks of the course", String.valueOf(courseSize),
                "warm-up", seconds(warmUp),
                "measured", isOpenEnded() ? "up to the knee" : seconds(duration),
                "request timeout", seconds(timeout)));
        if (variant.isBefore()) {
            parameters.put("connections of direct writes", String.valueOf(pool));
        }
        if (isUserTableBusy()) {
            parameters.put("users' rows held", String.format(Locale.ROOT, "%.0f %%", busy.share() * 100));
            parameters.put("hold", seconds(busy.hold()));
            parameters.put("by transactions", String.valueOf(busy.transactions()));
        }
        return parameters;
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.0f s", duration.toMillis() / 1_000.0);
    }
}
