package dev.writebehind.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands for benchmarks, with slices too short for figures: what they do, and what they leave. */
class BenchIT {
    private static final Duration MAX_DURATION = Duration.ofMinutes(20);

    private final List<String> before = ComparisonIT.schemas();

    @TempDir
    private Path directory;

    private void run(String command, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(command, "--database", LoadTestDatabase.serverUri()));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--out", directory.toString()));
        try (CommandRun run = new CommandRun(all.toArray(String[]::new))) {
            int status = run.exitCode(MAX_DURATION);
            assertThat(status).as(String.join("\n", run.output())).isZero();
            assertThat(run.leftBehind()).isEmpty();
        }
        assertThat(ComparisonIT.schemas()).as("schemas of others").isSubsetOf(before);
    }

    @Test
    void bench_measuresEachPartBesideItsLimit_andFindsEqualRows() throws Exception {
        run("bench", "--rounds", "1", "--seconds", "1", "--warm-up", "0.3", "--rows", "2000");

        JsonNode results =
                new ObjectMapper().readTree(directory.resolve("benchmarks.json").toFile());
        assertThat(results.get("benchmarks")).hasSize(16).allSatisfy(benchmark -> {
            assertThat(benchmark.get("slices").findValuesAsText("side"))
                    .contains(benchmark.get("limit").asText());
            assertThat(benchmark.get("slices"))
                    .allMatch(slice -> slice.get("units").asLong() > 0);
        });
        assertThat(results.get("rows"))
                .hasSize(6)
                .allMatch(check -> check.get("rows").asLong() > 0);
        assertThat(directory.resolve("index.html")).isNotEmptyFile();
    }

    @Test
    void peers_theServiceDoesTheCommonWork_andLosesNothing() throws Exception {
        run("peers", "--engines=the service", "--rounds=1", "--writes=10000", "--learners=500", "--warm-up=1");

        assertThat(Files.readAllLines(directory.resolve("peers.md")))
                .filteredOn(line -> line.startsWith("| the service's core"))
                .hasSize(2)
                .allMatch(line -> line.endsWith("| 0 | 0 |"));
    }

    @Test
    void curve_drawsAPoint() throws Exception {
        run("curve", "--series", "connections", "--seconds", "0.3", "--most", "1");

        assertThat(directory.resolve("connections-writes-accepted-per-second.svg"))
                .isNotEmptyFile();
        assertThat(Files.readString(directory.resolve("curve.md"))).contains("| connections |");
    }
}
