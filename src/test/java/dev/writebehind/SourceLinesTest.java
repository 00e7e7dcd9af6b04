package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The formatter leaves comments and literals as they are. */
class SourceLinesTest {
    private static final int MAX_CHARACTERS = 120;

    @Test
    void lines_ofTheSources_areNoLongerThanEditorconfigSays() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path source : sources()) {
            List<String> lines = Files.readAllLines(source);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).length() > MAX_CHARACTERS && !isLiteral(lines.get(i))) {
                    tooLong.add(source + ":" + (i + 1));
                }
            }
        }

        assertThat(tooLong).isEmpty();
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String root : List.of("src", "loadtest/src")) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        assertThat(sources).hasSizeGreaterThan(300);
        return sources;
    }

    /** A row of a test's table, or a line of a text block: broken in two, it would be harder to read. */
    private static boolean isLiteral(String line) {
        String text = line.strip();
        return text.startsWith("\"") || text.startsWith("|") || text.endsWith("\\") || text.contains("\"\"\"");
    }
}
