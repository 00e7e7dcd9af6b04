package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.ChildProcess;
import dev.writebehind.testing.Command;
import dev.writebehind.testing.JavaCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What bash makes of the completion script, and the commands as processes of their own. */
class CompletionIT {
    @BeforeAll
    static void requireBash() {
        assumeThat(Command.run("bash", "-c", "type complete")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "dead-l, dead-letters",
        "dead-letters re, retry",
        "journal in, inspect",
        "status --w, --watch",
        "stat, status",
        "compare --with-, --with-file",
    })
    void bash_completesWhatIsTyped(String typed, String completed, @TempDir Path directory) throws Exception {
        CommandRun run = CommandRun.of(Map.of(), "completion");
        assertThat(run.status()).isZero();
        assertThat(run.err()).isEmpty();
        Path script = Files.writeString(directory.resolve("completion"), run.out());

        String words = "writebehind " + typed;
        String output = bash("source " + script + "; COMP_WORDS=(" + words + "); COMP_CWORD="
                + (words.split(" ", -1).length - 1) + "; $(complete -p writebehind"
                + " | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' \"${COMPREPLY[@]}\"");

        assertThat(output.lines().map(String::strip)).contains(completed);
    }

    @Test
    void command_asAProcess_endsWithItsCode() throws Exception {
        try (ChildProcess process = JavaCommand.of(
                        Main.class,
                        List.of("-Dlogback.configurationFile=logback.xml"),
                        "status",
                        "--management",
                        "127.0.0.1:1")
                .start()) {
            assertThat(process.exitCode(Duration.ofMinutes(3))).isEqualTo(4);
            assertThat(process.output()).singleElement().asString().startsWith("Nothing listens at http://127.0.0.1:1");
        }
    }

    private static String bash(String script) throws IOException, InterruptedException {
        Process bash = new ProcessBuilder("bash", "--norc", "-c", script)
                .redirectErrorStream(true)
                .start();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(bash.exitValue()).as(output).isZero();
        return output;
    }
}
