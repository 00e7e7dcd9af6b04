package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the documents refer to is there: pages and their headings, paths of the ports, metrics. */
class DocumentLinksTest {
    private static final Pattern CALL = Pattern.compile("(?:GET|POST|DELETE) (/[\\w/{}.-]*)(\\?.*)?");
    private static final Pattern PATH = Pattern.compile("(?m)^ {2}(/\\S*):$");
    private static final Pattern METRIC = Pattern.compile("writebehind_\\w+");
    /** Tables, schemas, packages and commands. */
    private static final Set<String> NO_METRICS = Set.of(
            "writebehind_announce",
            "writebehind_dropped_keys",
            "writebehind_fence",
            "writebehind_dead_letters",
            "writebehind_lms",
            "writebehind_outbox",
            "writebehind_schema_history",
            "writebehind_shadow");

    @Test
    void links_leadToFilesAndHeadingsThatAreThere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : Documents.all()) {
            for (String link : Documents.links(page)) {
                if (!link.startsWith("https:") && !isThere(page, link)) {
                    broken.add(page + " → " + link);
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    private static boolean isThere(Path page, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        return Files.exists(target)
                && (parts.length == 1 || Documents.anchors(target).contains(parts[1]));
    }

    @Test
    void calls_areOfPathsThatAPortHas() throws IOException {
        Set<String> known = new TreeSet<>();
        for (String document : List.of("openapi.yaml", "openapi-management.yaml")) {
            PATH.matcher(Files.readString(Path.of("src", "main", "resources", document)))
                    .results()
                    .map(path -> unnamed(path.group(1)))
                    .forEach(known::add);
        }
        assertThat(known).hasSizeGreaterThan(15);
        List<String> unknown = new ArrayList<>();
        int calls = 0;
        for (Path page : Documents.all()) {
            for (String code : Documents.code(page)) {
                var call = CALL.matcher(code);
                if (call.matches()) {
                    calls++;
                    if (!known.contains(unnamed(call.group(1)))) {
                        unknown.add(page + ": " + code);
                    }
                }
            }
        }

        assertThat(unknown).isEmpty();
        assertThat(calls).isGreaterThan(20);
    }

    /** A path with all its parameters by one name. */
    private static String unnamed(String path) {
        return path.replaceAll("\\{\\w+\\}", "{}");
    }

    @Test
    void metrics_areThoseOfTheirTable() throws IOException {
        Set<String> documented = names(Path.of("docs", "metrics.md"));
        List<String> unknown = new ArrayList<>();
        for (Path page : Documents.all()) {
            for (String name : names(page)) {
                if (!documented.contains(name) && !NO_METRICS.contains(name) && !isBeginOfOne(name, documented)) {
                    unknown.add(page + ": " + name);
                }
            }
        }

        assertThat(unknown).isEmpty();
    }

    /** As {@code writebehind_journal_*}. */
    private static boolean isBeginOfOne(String name, Set<String> documented) {
        return name.endsWith("_") && documented.stream().anyMatch(each -> each.startsWith(name));
    }

    private static Set<String> names(Path page) throws IOException {
        return METRIC.matcher(Files.readString(page))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
