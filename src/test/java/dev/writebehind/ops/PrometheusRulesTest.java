package dev.writebehind.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PrometheusRulesTest {
    private static final Path RULES = Path.of("conf", "prometheus-rules.yaml");
    private static final Path CASES = Path.of("src", "test", "resources", "prometheus", "rules-test.yaml");
    private static final Pattern NAME = Pattern.compile("writebehind_\\w+");

    /** Needs promtool, of the package prometheus. */
    @Test
    void rules_alertInEachCaseOfWhatTheyShould_andOfNothingElse() throws Exception {
        assumeThat(Stream.of(System.getenv("PATH").split(":", -1))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool"))))
                .as("promtool is installed")
                .isTrue();
        Process process = new ProcessBuilder("promtool", "test", "rules", CASES.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }

    @Test
    void rules_askForDocumentedMetrics_andEachIsTried() throws IOException {
        Set<String> documented = names(Path.of("docs", "metrics.md"));
        Set<String> asked = names(RULES).stream()
                .map(name -> name.replaceAll("_bucket$", ""))
                .collect(Collectors.toSet());

        assertThat(documented).containsAll(asked);
        assertThat(names(CASES)).containsAll(names(RULES));
    }

    @Test
    void everyAlert_isInACase() throws IOException {
        String cases = Files.readString(CASES);
        assertThat(Files.readAllLines(RULES).stream()
                        .filter(line -> line.contains("- alert: "))
                        .map(line -> line.substring(line.indexOf(": ") + 2)))
                .hasSizeGreaterThan(5)
                .allMatch(cases::contains);
    }

    private static Set<String> names(Path file) throws IOException {
        return NAME.matcher(Files.readString(file))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toSet());
    }
}
