package dev.writebehind.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The files of {@code src/packaging}; stateless. */
public final class Packaging {
    private static final Path ROOT = Path.of("src", "packaging");
    private static final YAMLMapper YAML = new YAMLMapper();

    private Packaging() {}

    /** Returns a file's path. */
    public static Path path(String name) {
        return ROOT.resolve(name);
    }

    /** Returns a file's text. */
    public static String read(String name) throws IOException {
        return Files.readString(path(name));
    }

    /** Returns a file's only document. */
    public static JsonNode yaml(String name) throws IOException {
        return YAML.readTree(read(name));
    }

    /** Returns the lines of a unit of systemd that set something; of those that set the same, the last. */
    public static Map<String, String> unit(String name) throws IOException {
        Map<String, String> lines = new TreeMap<>();
        for (String line : Files.readAllLines(path(name))) {
            if (line.matches("[A-Za-z]+=.*")) {
                lines.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
            }
        }
        return lines;
    }

    /** Returns the words of such a line. */
    public static List<String> words(String line) {
        return List.of(line.split(" +"));
    }

    /** Reads a time in seconds as systemd and Compose write it. */
    public static Duration seconds(String text) {
        return Duration.parse("PT" + text);
    }
}
