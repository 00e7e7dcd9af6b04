package dev.writebehind.loadtest.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchmarkTest {
    private static Slice slice(String side, int round, long units) {
        return new Slice(side, round, 1, units, 0, 1, 2, 3, 4, Map.of("server", 1e6 / units));
    }

    private static final Benchmark BENCHMARK = new Benchmark(
            "a",
            "b",
            "writes",
            "bare",
            List.of(
                    slice("bare", 1, 100),
                    slice("ours", 1, 90),
                    slice("bare", 2, 1_000),
                    slice("ours", 2, 300),
                    slice("bare", 3, 10),
                    slice("ours", 3, 6)));

    private static BenchmarkResults results(Map<String, RowCheck> rows) {
        return new BenchmarkResults(Instant.EPOCH, "c", "m", "d", List.of(BENCHMARK), rows);
    }

    @Test
    void ratio_isTheMedianOfTheRoundsRatios_notTheRatioOfTheMedians() {
        assertThat(BENCHMARK.median("bare", Slice::perSecond)).isEqualTo(100);
        assertThat(BENCHMARK.median("ours", Slice::perSecond)).isEqualTo(90);
        assertThat(BENCHMARK.ratio("ours", Slice::perSecond)).isEqualTo(0.6);
        assertThat(BENCHMARK.ratio("bare", Slice::perSecond)).isEqualTo(1);
    }

    @Test
    void sides_areInTheOrderInWhichTheyWereMeasured() {
        assertThat(BENCHMARK.sides()).containsExactly("bare", "ours");
    }

    @Test
    void results_withoutATable_orWithRowsThatDiffer_areNotRight() {
        assertThat(results(Map.of()).isRight()).isFalse();
        assertThat(results(Map.of("x", new RowCheck(1, 0, 1, 1, List.of()))).isRight())
                .isFalse();
        assertThat(results(Map.of("x", new RowCheck(0, 0, 0, 0, List.of()))).isRight())
                .isFalse();
        assertThat(results(Map.of("x", new RowCheck(1, 0, 1, 0, List.of()))).isRight())
                .isTrue();
    }
}
