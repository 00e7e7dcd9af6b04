package dev.writebehind.loadtest.result;

import java.util.Map;
import java.util.TreeMap;

/**
 * Some seconds of one side of a benchmark; immutable.
 *
 * @param round from 1; each round has one slice of each side, in turn
 * @param units writes or rows that were done
 * @param failed requests that were not
 * @param p50 in milliseconds, as the others
 * @param cpuMicros processor time for each unit, by process
 */
public record Slice(
        String side,
        int round,
        double seconds,
        long units,
        long failed,
        double p50,
        double p99,
        double p999,
        double max,
        Map<String, Double> cpuMicros) {
    public Slice {
        cpuMicros = new TreeMap<>(cpuMicros);
    }

    /** Returns the units done in a second. */
    public double perSecond() {
        return seconds == 0 ? 0 : units / seconds;
    }
}
