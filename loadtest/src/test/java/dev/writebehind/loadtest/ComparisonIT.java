package dev.writebehind.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.loadtest.report.Report;
import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Variant;
import dev.writebehind.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one command, with phases too short for figures: what it does, and what it leaves. */
class ComparisonIT {
    private static final Duration MAX_DURATION = Duration.ofMinutes(20);
    /** Those of their own course come first, and one as the others are. */
    private static final List<String> SCENARIOS = Boolean.getBoolean("writebehind.full")
            ? List.of("UserTableBusy", "DatabaseOutage", "MobileBatch", "LearnerDay", "HotLearner", "ExamSpike")
            : List.of("UserTableBusy", "DatabaseOutage", "MobileBatch");

    private final List<String> before = schemas();

    @TempDir
    private Path directory;

    @Test
    void everyScenario_againstBothSides_endsWithEqualRows_aReport_andNothingElse() throws Exception {
        Results results = run(
                "--scenarios",
                String.join(",", SCENARIOS),
                "--variants",
                "before-key,after-journal",
                "--rate",
                "200",
                "--learners",
                "1000",
                "--hold",
                "1",
                "--duration",
                "3");
        assertThat(results.runs()).hasSize(2 * SCENARIOS.size());
        for (Run run : results.runs()) {
            assertThat(run.rows().different()).as(run.toString()).isZero();
            assertThat(run.rows().rows()).as(run.toString()).isPositive();
            assertThat(run.recording().acceptedInAll())
                    .isGreaterThanOrEqualTo(run.rows().rows());
            assertThat(run.database().statements()).isPositive();
            assertThat(run.cpu().target()).isPositive();
            assertThat(run.cpu().database()).isPositive();
            if (run.variant() == Variant.AFTER_JOURNAL) {
                assertThat(run.rows().unknown()).as(run.toString()).isZero();
                assertThat(run.recording().failures()).as(run.toString()).isEmpty();
                assertThat(run.database().statements())
                        .isLessThan(run.recording().acceptedInAll());
            } else {
                assertThat(run.database().statements())
                        .as("it reads before it writes")
                        .isGreaterThan(2 * run.recording().acceptedInAll() / 3);
            }
        }
        Run outage = results.runs().stream()
                .filter(run -> run.scenario().equals("DatabaseOutage") && run.variant() == Variant.BEFORE_KEY)
                .findFirst()
                .orElseThrow();
        assertThat(outage.recording().failedRequests()).as("the outage was one").isPositive();
        Run busy = results.runs().stream()
                .filter(run -> run.scenario().equals("UserTableBusy"))
                .findFirst()
                .orElseThrow();
        assertThat(busy.heldShare())
                .as("a fifth, but for how long the machine takes to hold the next rows")
                .isBetween(0.1, 0.21);
    }

    @Test
    void knees_areFound_andTheCeilingsMeasured() throws Exception {
        Results results =
                run("--scenarios", "MaxThroughput", "--variants", "after-journal,bare-http", "--rate", "6000");
        assertThat(results.ceilings()).isNotNull();
        assertThat(results.ceilings().bareUpsert()).isPositive();
        assertThat(results.runs()).allMatch(run -> !run.recording().steps().isEmpty());
    }

    private Results run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addAll(List.of("--out", directory.toString()));
        try (CommandRun run = new CommandRun(command.toArray(String[]::new))) {
            int status = run.exitCode(MAX_DURATION);
            assertThat(status).as(String.join("\n", run.output())).isIn(0, 3);
            assertThat(run.leftBehind()).isEmpty();
        }
        assertThat(schemas()).as("schemas of others").isSubsetOf(before);
        assertThat(directory.resolve("index.html")).isNotEmptyFile();
        assertThat(Files.readString(directory.resolve("index.html"))).doesNotContain("src=\"http");
        return Report.read(directory.resolve("results.json"));
    }

    /** Returns the schemas of others than this process. */
    static List<String> schemas() {
        try (TestDatabase any = LoadTestDatabase.create()) {
            return any
                    .query("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'wbtest\\_%'"
                            + " AND schema_name NOT LIKE 'wbtest\\_"
                            + ProcessHandle.current().pid() + "\\_%'")
                    .stream()
                    .map(row -> row.get(0))
                    .toList();
        }
    }
}
