package dev.writebehind.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.loadtest.result.Benchmark;
import dev.writebehind.loadtest.result.BenchmarkResults;
import dev.writebehind.loadtest.result.CurvePoint;
import dev.writebehind.loadtest.result.PeerResult;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Slice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reports of the benchmarks, of the curves and of the peers. */
class BenchmarkReportTest {
    @TempDir
    private Path directory;

    @Test
    void benchmarks_showEachSideBesideTheLimit() throws IOException {
        Slice bare = new Slice("bare <server>", 1, 2, 20_000, 0, 1, 2, 3, 4, Map.of("server", 10.0));
        Slice ours = new Slice("ack=memory", 1, 2, 15_000, 0, 2, 3, 4, 5, Map.of("server", 15.0));
        BenchmarkResults results = new BenchmarkResults(
                Instant.EPOCH,
                "loadtest/run bench",
                "2 cores",
                "MySQL",
                List.of(new Benchmark("Single", "What.", "writes", "bare <server>", List.of(bare, ours))),
                Map.of("singles", new RowCheck(10, 0, 10, 0, List.of())));

        BenchmarkReport.write(results, directory);

        assertThat(Files.readAllLines(directory.resolve("benchmarks.md")))
                .contains("| ack=memory | 7,500 | 0.75 | 2.00 | 2.00 | 3.00 | 4.00 | 1.33 | 15.0 | 1.50 |")
                .contains("| singles | 10 | 0 | 0 |");
        assertThat(Files.readString(directory.resolve("index.html")))
                .contains("bare &lt;server&gt;")
                .doesNotContain("bare <server>")
                .contains("<td>0.75</td>");
        assertThat(directory.resolve("benchmarks.json")).isNotEmptyFile();
    }

    @Test
    void curves_haveATable_andAChartForEachFigure() throws IOException {
        RowCheck right = new RowCheck(1, 0, 1, 0, List.of());
        List<CurvePoint> points = List.of(
                new CurvePoint("LANES", 1, Map.of("rows flushed/s", 10_000.0), right),
                new CurvePoint("LANES", 8, Map.of("rows flushed/s", 20_000.0), right));

        CurveReport.write(points, series -> "lanes", "2 cores", directory);

        assertThat(Files.readAllLines(directory.resolve("curve.md")))
                .containsSubsequence(
                        "| lanes | rows flushed/s | rows differ |", "| 1 | 10,000 | 0 |", "| 8 | 20,000 | 0 |");
        assertThat(Files.readString(directory.resolve("lanes-rows-flushed-per-second.svg")))
                .startsWith("<svg");
    }

    @Test
    void peers_haveTheirMedians_andTheSumOfWhatTheyLost() {
        List<PeerResult> results = List.of(
                new PeerResult("one", 1, 100, 1, 10, 1, 1, 1, 10, 0, 0),
                new PeerResult("one", 2, 300, 3, 30, 3, 3, 3, 10, 2, 1),
                new PeerResult("one", 3, 200, 2, 20, 2, 2, 2, 10, 1, 0));

        assertThat(PeersReport.markdown(results)).contains("| one | 200 | 2.00 | 20 | 2 | 2.00 | 2.00 | 3 | 1 |");
    }
}
