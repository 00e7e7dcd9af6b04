package dev.writebehind.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The service and a bridge with a sink on the same brokers, with too few writes for figures. */
class SharedLogIT {
    private static final Duration MAX_DURATION = Duration.ofMinutes(20);

    private final List<String> before = ComparisonIT.schemas();

    @TempDir
    private Path directory;

    private List<String> run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("shared-log", "--database", LoadTestDatabase.serverUri()));
        all.addAll(List.of("--rounds", "1", "--writes", "1000", "--learners", "200"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--out", directory.toString()));
        try (CommandRun run = new CommandRun(all.toArray(String[]::new))) {
            int status = run.exitCode(MAX_DURATION);
            assertThat(status).as(String.join("\n", run.output())).isZero();
            assertThat(run.leftBehind()).isEmpty();
        }
        assertThat(ComparisonIT.schemas()).as("schemas of others").isSubsetOf(before);
        return Files.readAllLines(directory.resolve("shared-log.md"));
    }

    @Test
    void sharedLog_bothSidesBringEverythingIntoTheTable() throws Exception {
        assertThat(run("--no-trials", "--sides", "the service,bridge and sink"))
                .filteredOn(line -> line.startsWith("| the service |") || line.startsWith("| bridge and sink |"))
                .hasSize(2)
                .allMatch(line -> line.matches(".* \\| 0 of [1-9]\\d* \\|"));
    }

    @Test
    @EnabledIfSystemProperty(named = "writebehind.full", matches = "true")
    void trials_theServiceLosesNothing_andTheSinkDoes() throws Exception {
        List<String> lines = run("--sides", "the service");

        assertThat(lines)
                .filteredOn(
                        line -> line.matches("\\| a .*\\| the service \\|.*|\\| partitions .*\\| the service \\|.*"))
                .hasSize(3)
                .allMatch(line -> line.matches(".*\\| the service \\| 0 of \\d+ \\| 0 \\| .*"));
        assertThat(lines)
                .filteredOn(line -> line.startsWith("| partitions are added"))
                .anyMatch(line -> line.matches(".*\\| bridge and sink, 3 tasks \\| 0 of 500 \\| [1-9]\\d* \\| .*"));
        assertThat(lines)
                .filteredOn(line -> line.startsWith("| a row that the database refuses"))
                .anyMatch(line -> line.contains("the task fails; started again, it fails again"));
    }
}
