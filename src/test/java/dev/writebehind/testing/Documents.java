package dev.writebehind.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pages for operators and callers: {@code README.md} and {@code docs/}; stateless. */
public final class Documents {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    private Documents() {}

    /** Returns all of them, the decisions and the pages of problems included. */
    public static List<Path> all() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(Path.of("README.md")));
        try (Stream<Path> files = Files.walk(Path.of("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    /** Returns what stands between backticks in a page, line ends as spaces; blocks of code are left out. */
    public static List<String> code(Path page) throws IOException {
        return matches(CODE, withoutBlocks(page)).stream()
                .map(code -> code.replaceAll("\\s+", " "))
                .toList();
    }

    /** Returns the headings of a page, without backticks. */
    public static List<String> headings(Path page) throws IOException {
        return matches(HEADING, withoutBlocks(page)).stream()
                .map(heading -> heading.replace("`", ""))
                .toList();
    }

    /** Returns where the links of a page lead, as they are written. */
    public static List<String> links(Path page) throws IOException {
        return matches(LINK, withoutBlocks(page));
    }

    /** Returns the names by which the headings of a page are linked to, as GitHub makes them. */
    public static Set<String> anchors(Path page) throws IOException {
        Map<String, Integer> seen = new HashMap<>();
        Set<String> anchors = new LinkedHashSet<>();
        for (String heading : headings(page)) {
            String anchor = heading.replaceAll("\\[([^]]*)\\]\\([^)]*\\)", "$1")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                    .replace(' ', '-');
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
        }
        return anchors;
    }

    private static String withoutBlocks(Path page) throws IOException {
        return BLOCK.matcher(Files.readString(page)).replaceAll("");
    }

    private static List<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
