package dev.writebehind.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files of {@code src/packaging}; stateless. */
public final class Packaging {
    private static final Path ROOT = Path.of("src", "packaging");
    private static final Set<String> BROKERS_OWN = Set.of(
            "node.id",
            "process.roles",
            "controller.quorum.voters",
            "controller.listener.names",
            "listeners",
            "advertised.listeners",
            "listener.security.protocol.map",
            "inter.broker.listener.name",
            "log.dirs");
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

    /** Returns a file's only document, with anchors put in where they are named. */
    public static JsonNode yaml(String name) throws IOException {
        return YAML.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).load(read(name)));
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

    /** Returns the variables of one of Compose's services. */
    public static Map<String, String> variables(JsonNode compose, String service) {
        Map<String, String> variables = new TreeMap<>();
        compose.at("/services/" + service + "/environment")
                .properties()
                .forEach(variable ->
                        variables.put(variable.getKey(), variable.getValue().asText()));
        return variables;
    }

    /**
     * Returns the settings, by Kafka's names, that a broker of {@code docker/compose-shared-log.yaml} is to have, but
     * for those that say which one it is and where its data are.
     */
    public static Map<String, String> brokerSettings(String broker) throws IOException {
        Map<String, String> settings = new TreeMap<>();
        variables(yaml("docker/compose-shared-log.yaml"), broker).forEach((name, value) -> {
            if (name.startsWith("KAFKA_")) {
                settings.put(
                        name.substring("KAFKA_".length())
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '.'),
                        value);
            }
        });
        settings.keySet().removeAll(BROKERS_OWN);
        return settings;
    }

    /** Reads a time in seconds as systemd and Compose write it. */
    public static Duration seconds(String text) {
        return Duration.parse("PT" + text);
    }
}
