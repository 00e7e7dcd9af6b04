package dev.writebehind.loadtest.result;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The results of one run of the benchmarks; immutable.
 *
 * @param command that repeats it
 * @param rows the tables after them beside what clients were told, by what wrote them
 */
public record BenchmarkResults(
        Instant at,
        String command,
        String machine,
        String database,
        List<Benchmark> benchmarks,
        Map<String, RowCheck> rows) {
    public BenchmarkResults {
        benchmarks = List.copyOf(benchmarks);
        rows = new TreeMap<>(rows);
    }

    /** Whether every table held what it must, and there was one. */
    public boolean isRight() {
        return !rows.isEmpty()
                && rows.values().stream().allMatch(check -> check.different() == 0 && check.rows() > 0)
                && benchmarks.stream().allMatch(benchmark -> benchmark.failed() == 0);
    }
}
