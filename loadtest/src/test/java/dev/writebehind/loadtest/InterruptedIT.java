package dev.writebehind.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that does not come to its end says why, and leaves no process and no schema. */
class InterruptedIT {
    private static final Duration SOON = Duration.ofMinutes(3);

    private final List<String> before = ComparisonIT.schemas();

    @TempDir
    private Path directory;

    @Test
    void ctrlC_whileClientsSend_endsEverything_andSaysWhatWasUnderWay() throws Exception {
        try (CommandRun run = start("before-key")) {
            awaitSending();
            run.interrupt();
            assertThat(run.exitCode(SOON)).isEqualTo(130);
            assertThat(run.hasSaid(line -> line.contains("Interrupted during") && line.contains("UserTableBusy")))
                    .as(String.join("\n", run.output()))
                    .isTrue();
            assertThat(run.hasSaid(line -> line.contains("Nothing is left running")))
                    .isTrue();
            assertThat(run.leftBehind()).isEmpty();
        }
        assertThat(ComparisonIT.schemas()).as("schemas of others").isSubsetOf(before);
    }

    @Test
    void targetDies_whileClientsSend_isSaid_withItsLastLines() throws Exception {
        try (CommandRun run = start("after-journal")) {
            ProcessHandle service = run.awaitDescendant("completion-writebehind.jar", SOON);
            awaitSending();
            service.destroyForcibly();
            assertThat(run.exitCode(SOON)).isEqualTo(1);
            assertThat(run.hasSaid(line -> line.contains("the service died (exit code 137)")))
                    .as(String.join("\n", run.output()))
                    .isTrue();
            assertThat(run.hasSaid(line -> line.contains("Listening on"))).isTrue();
            assertThat(run.leftBehind()).isEmpty();
        }
        assertThat(ComparisonIT.schemas()).as("schemas of others").isSubsetOf(before);
    }

    /** Waits until Gatling has printed its figures for the first time. */
    private void awaitSending() throws Exception {
        for (long end = System.nanoTime() + SOON.toNanos(); System.nanoTime() < end; Thread.sleep(50)) {
            try (var files = Files.walk(directory)) {
                for (Path log :
                        files.filter(file -> file.endsWith("client.log")).toList()) {
                    if (Files.readString(log).contains("elapsed")) {
                        return;
                    }
                }
            }
        }
        throw new AssertionError("Gatling does not send");
    }

    private CommandRun start(String variant) throws Exception {
        return new CommandRun(
                "--scenarios",
                "UserTableBusy",
                "--variants",
                variant,
                "--learners",
                "1000",
                "--rate",
                "200",
                "--duration",
                "120",
                "--out",
                directory.toString());
    }
}
