package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.ChildProcess;
import dev.writebehind.testing.JavaCommand;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the buffer is charged for a key against the heap that it takes, journal entries and pooled keys included. */
class HeapEstimateIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    /** One of each: the nearest to either bound, and the dearest. */
    private static final Set<HeapProbe.Shape> USUAL = EnumSet.of(
            HeapProbe.Shape.LEARNERS_OF_ONE_BLOCK,
            HeapProbe.Shape.LEARNERS_WITH_500_BLOCKS_EACH,
            HeapProbe.Shape.ALL_DIFFERENT_LONG_AND_EMOJI);

    @ParameterizedTest
    @EnumSource
    void pendingBytes_areWhatTheKeysTakeAtTheMost_andNotMuchMore(HeapProbe.Shape shape) throws Exception {
        assumeThat(FULL || USUAL.contains(shape)).as("the others with -Pfull").isTrue();
        List<String> printed;
        // By default the serial collector leaves garbage where it lies, up to 5 % of a generation, and counts it as
        // used.
        List<String> exact = List.of("-XX:+UseSerialGC", "-XX:MarkSweepDeadRatio=0", "-Xmx1g");
        try (ChildProcess probe =
                JavaCommand.of(HeapProbe.class, exact, shape.name()).start()) {
            assertThat(probe.exitCode(Duration.ofMinutes(10)))
                    .as(probe.lastLines())
                    .isZero();
            printed = probe.output();
        }
        List<List<Double>> figures = printed.stream()
                .filter(line -> line.matches("-?\\d+ -?\\d+ -?\\d+"))
                .map(line -> Stream.of(line.split(" ", -1)).map(Double::valueOf).toList())
                .toList();
        assertThat(figures).as("%s", printed).hasSize(HeapProbe.TIMES);

        double charged = median(figures, 0);
        double waiting = median(figures, 1);
        double most = median(figures, 2);
        System.out.printf(
                "Heap for a key, %s: charged %.0f, waiting %.0f (%.2f), in flight and written anew %.0f (%.2f)%n",
                shape, charged, waiting, charged / waiting, most, charged / most);
        assertThat(charged / most).isBetween(1.0, 1.6);
        assertThat(charged / waiting).isLessThan(1.8);
    }

    private static double median(List<List<Double>> figures, int column) {
        return figures.stream().map(line -> line.get(column)).sorted().toList().get(HeapProbe.TIMES / 2);
    }
}
