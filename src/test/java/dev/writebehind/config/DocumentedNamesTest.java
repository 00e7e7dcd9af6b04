package dev.writebehind.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Settings and variables that the documents, the settings' file and the alerts name are such. */
class DocumentedNamesTest {
    private static final Set<String> KEYS =
            SettingKeys.of(new ConfigFile(null, Map.of()).load().settings()).keySet();
    private static final String SECTIONS =
            KEYS.stream().map(key -> key.split("\\.", 2)[0]).distinct().collect(Collectors.joining("|"));
    /** A key, a section, or the beginning of several, as {@code flush.*}. */
    private static final Pattern KEY = Pattern.compile(
            "(?<![\\w./-])((?:" + SECTIONS + ")(?:\\.[a-z][a-z-]*)+\\*?|(?:" + SECTIONS + ")\\.\\*)(?!\\w)");

    private static final Pattern VARIABLE = Pattern.compile("(?<![A-Z_])WRITEBEHIND_[A-Z_]*[A-Z]");
    /** Those that are no setting. */
    private static final Set<String> OTHER_VARIABLES = Set.of("WRITEBEHIND_CONFIG", "WRITEBEHIND_TEST_DATABASE_URI");

    @Test
    void settings_inBackticks_areSettings() throws IOException {
        List<String> unknown = new ArrayList<>();
        Set<String> named = new TreeSet<>();
        for (Path page : Documents.all()) {
            for (String code : Documents.code(page)) {
                Matcher key = KEY.matcher(code);
                if (key.lookingAt()) {
                    named.add(key.group(1));
                    if (!isKnown(key.group(1))) {
                        unknown.add(page + ": " + code);
                    }
                }
            }
        }

        assertThat(unknown).isEmpty();
        assertThat(named).hasSizeGreaterThan(50);
    }

    @Test
    void settings_inCommentsOfTheSettingsAndOfTheAlerts_areSettings() throws IOException {
        List<String> unknown = new ArrayList<>();
        for (Path file : List.of(Path.of("conf", "writebehind.yaml"), Path.of("conf", "prometheus-rules.yaml"))) {
            for (String line : Files.readAllLines(file)) {
                if (line.contains("#") || line.contains("action:")) {
                    KEY.matcher(line)
                            .results()
                            .filter(key -> !isKnown(key.group(1)))
                            .forEach(key -> unknown.add(file + ": " + key.group(1)));
                }
            }
        }

        assertThat(unknown).isEmpty();
    }

    private static boolean isKnown(String name) {
        String beginning = name.replaceFirst("\\*$", "");
        return KEYS.contains(name)
                || KEYS.stream().anyMatch(key -> key.startsWith(name.endsWith("*") ? beginning : name + "."));
    }

    @Test
    void variables_areOfSettings() throws IOException {
        Set<String> known = KEYS.stream().map(ConfigFile::variable).collect(Collectors.toCollection(TreeSet::new));
        known.addAll(OTHER_VARIABLES);
        List<String> unknown = new ArrayList<>();
        for (Path page : Documents.all()) {
            VARIABLE.matcher(Files.readString(page))
                    .results()
                    .filter(variable -> !known.contains(variable.group()))
                    .forEach(variable -> unknown.add(page + ": " + variable.group()));
        }

        assertThat(unknown).isEmpty();
    }
}
