package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.testing.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Each condition, alert and exit code has its recipe, and no other has; each command that a page names is one. */
class RunbookTest {
    private static final Path RUNBOOK = Path.of("docs", "runbook.md");
    private static final Path CONDITIONS = Path.of("docs", "conditions.md");
    private static final Path RULES = Path.of("conf", "prometheus-rules.yaml");
    private static final Pattern RECIPE = Pattern.compile("(?m)^### `(.+)`$");
    private static final Pattern EXIT_CODE = Pattern.compile("(?m)^\\| (\\d) \\|");
    private static final Pattern SUBCOMMAND = Pattern.compile("[a-z][a-z-]*");

    @Test
    void conditions_haveARecipeEach_andNothingElseHas() throws IOException {
        assertThat(recipes(CONDITIONS))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(ConditionName.values())
                        .map(ConditionName::label)
                        .toList());
    }

    @Test
    void alerts_haveARecipeEach_andNothingElseHas() throws IOException {
        assertThat(recipes(RUNBOOK))
                .containsExactlyInAnyOrderElementsOf(alerts().stream()
                        .map(alert -> alert.get("alert").asText())
                        .toList());
    }

    @Test
    void alerts_leadToTheirRecipe() throws IOException {
        for (JsonNode alert : alerts()) {
            String name = alert.get("alert").asText();
            String runbook = alert.at("/annotations/runbook").asText();
            if (runbook.endsWith("#{{ $labels.name }}")) {
                assertThat(alert.get("expr").asText()).startsWith("writebehind_condition{");
                assertThat(Path.of(runbook.split("#", 2)[0])).isEqualTo(CONDITIONS);
                assertThat(Documents.anchors(CONDITIONS)).containsAll(recipes(CONDITIONS));
            } else {
                assertThat(runbook).isEqualTo(RUNBOOK + "#" + name.toLowerCase(Locale.ROOT));
                assertThat(Documents.anchors(RUNBOOK)).contains(runbook.split("#", 2)[1]);
            }
        }
    }

    @Test
    void exitCodes_areThoseOfTheHelp_inRunbookAndReference() throws IOException {
        List<String> codes = List.copyOf(
                program().getCommandSpec().usageMessage().exitCodeList().keySet());
        assertThat(codes).contains(String.valueOf(ExitStatus.DONE), String.valueOf(ExitStatus.PAUSED));

        for (Path page : List.of(RUNBOOK, Path.of("docs", "operations.md"))) {
            Set<String> rows = EXIT_CODE
                    .matcher(Files.readString(page))
                    .results()
                    .map(row -> row.group(1))
                    .collect(Collectors.toSet());
            assertThat(rows).as(page.toString()).containsExactlyInAnyOrderElementsOf(codes);
        }
    }

    @Test
    void commands_thatPagesName_areSuch() throws IOException {
        List<String> unknown = new ArrayList<>();
        int named = 0;
        for (Path page : Documents.all()) {
            for (String code : Documents.code(page)) {
                if (code.startsWith("writebehind ")) {
                    named++;
                    if (!isCommand(List.of(code.split(" ", -1)))) {
                        unknown.add(page + ": " + code);
                    }
                }
            }
        }

        assertThat(unknown).isEmpty();
        assertThat(named).isGreaterThan(30);
    }

    /** Whether each word is a command of the one before it, up to options and what is for the reader to fill in. */
    private static boolean isCommand(List<String> words) {
        CommandLine command = program();
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("--")) {
                if (!command.getCommandSpec().optionsMap().containsKey(word)) {
                    return false;
                }
            } else if (SUBCOMMAND.matcher(word).matches()) {
                if (!command.getSubcommands().containsKey(word)) {
                    return false;
                }
                command = command.getSubcommands().get(word);
            }
        }
        return true;
    }

    private static CommandLine program() {
        return Main.commands(Map.of(), System.out, System.err, () -> {});
    }

    private static List<String> recipes(Path page) throws IOException {
        return RECIPE.matcher(Files.readString(page))
                .results()
                .map(recipe -> recipe.group(1))
                .toList();
    }

    private static List<JsonNode> alerts() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        new YAMLMapper()
                .readTree(RULES.toFile())
                .at("/groups")
                .forEach(group -> group.get("rules").forEach(alerts::add));
        assertThat(alerts).hasSizeGreaterThan(5);
        return alerts;
    }
}
