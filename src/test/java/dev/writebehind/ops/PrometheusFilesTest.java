package dev.writebehind.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in {@code conf/} for those who watch the service. */
class PrometheusFilesTest {
    private static final Path RULES = Path.of("conf", "prometheus-rules.yaml");
    private static final Path DASHBOARD = Path.of("conf", "grafana-dashboard.json");
    private static final Path CASES = Path.of("src", "test", "resources", "prometheus", "rules-test.yaml");
    private static final Pattern NAME = Pattern.compile("writebehind_\\w+");

    /** Needs promtool, of the package prometheus. */
    @Test
    void rules_alertInEachCaseOfWhatTheyShould_andOfNothingElse() throws Exception {
        assertTakenByPromtool("test", "rules", CASES.toString());
    }

    /** As rules, for promtool reads no dashboards. Needs it, too. */
    @Test
    void dashboard_asksInPromqlOnly(@TempDir Path directory) throws Exception {
        JsonArray rules = new JsonArray();
        for (String expression : expressions()) {
            rules.add(new JsonObject()
                    .put("record", "tried:" + rules.size())
                    .put("expr", expression.replace("$instance", ".*")));
        }
        JsonObject group = new JsonObject().put("name", "dashboard").put("rules", rules);
        Path file = Files.writeString(
                directory.resolve("rules.yaml"),
                new JsonObject().put("groups", new JsonArray().add(group)).encode());

        assertTakenByPromtool("check", "rules", file.toString());
    }

    @Test
    void dashboard_showsDocumentedMetrics_andNearlyAllOfThem() throws IOException {
        Set<String> documented = names(Path.of("docs", "metrics.md"));
        Set<String> shown = names(DASHBOARD).stream()
                .map(name -> name.replaceAll("_(bucket|sum|count)$", ""))
                .collect(Collectors.toSet());

        assertThat(documented).containsAll(shown);
        documented.removeIf(name -> name.endsWith("_max"));
        documented.removeAll(shown);
        assertThat(documented)
                .containsExactlyInAnyOrder(
                        "writebehind_build_info",
                        "writebehind_journal_healthy", // a condition as well, as the next two
                        "writebehind_flush_failing",
                        "writebehind_flush_paused",
                        "writebehind_http_connections",
                        "writebehind_http_connections_refused_total",
                        "writebehind_journal_segments",
                        "writebehind_flush_batches_total",
                        "writebehind_flush_writes_total",
                        "writebehind_flush_rows_ahead_total",
                        "writebehind_flush_rows_deleted_total",
                        "writebehind_dead_letters_total",
                        "writebehind_table_ids_left",
                        "writebehind_settings_reloads_total",
                        "writebehind_settings_refusals_total",
                        "writebehind_settings_awaiting_restart",
                        "writebehind_event_loop_lateness_seconds");
    }

    private static List<String> expressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        for (Object panel : new JsonObject(Files.readString(DASHBOARD)).getJsonArray("panels")) {
            for (Object target : ((JsonObject) panel).getJsonArray("targets", new JsonArray())) {
                expressions.add(((JsonObject) target).getString("expr"));
            }
        }
        assertThat(expressions).hasSizeGreaterThan(20);
        return expressions;
    }

    private static void assertTakenByPromtool(String... arguments) throws Exception {
        assumeThat(Stream.of(System.getenv("PATH").split(":", -1))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool"))))
                .as("promtool is installed")
                .isTrue();
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
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
