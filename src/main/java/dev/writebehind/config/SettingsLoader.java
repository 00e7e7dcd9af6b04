package dev.writebehind.config;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The loader of settings: the packaged {@code writebehind.yaml} gives every key and its default, the operator's file
 * comes over it, environment variables over both. Stateless.
 */
final class SettingsLoader {
    private static final String DEFAULTS = "/writebehind.yaml";
    /** Variables that are ours without being settings: the file's path, the tests' database. */
    private static final Set<String> OTHER_VARIABLES = Set.of(ConfigFile.VARIABLE, "WRITEBEHIND_TEST_DATABASE_URI");

    private static final ObjectMapper YAML = mapper();

    private SettingsLoader() {}

    /**
     * Returns the settings in force, or throws {@link InvalidSettingException} that names the first wrong key.
     *
     * @param file the operator's file, of that content; null: defaults and environment only
     * @param environment variables by name
     */
    static LoadedSettings load(@Nullable Path file, byte[] content, Map<String, String> environment) {
        ObjectNode tree = defaults();
        Map<String, Integer> lines = Map.of();
        if (file != null) {
            overlay(tree, parse(file, content), "");
            lines = SettingLines.of(content);
        }
        List<String> unknown = overlayEnvironment(tree, environment);
        Settings settings = bind(tree);
        Map<String, Origin> origins = new HashMap<>();
        for (String key : SettingKeys.of(settings).keySet()) {
            Integer line = lines.get(key);
            if (isGiven(environment.get(ConfigFile.variable(key)))) {
                origins.put(key, new Origin.Variable(ConfigFile.variable(key)));
            } else if (file != null && line != null) {
                origins.put(key, new Origin.InFile(file, line));
            }
        }
        return new LoadedSettings(settings, origins, unknown);
    }

    /** Returns what is in force where neither a file nor a variable says anything. */
    static Settings defaultSettings() {
        return bind(defaults());
    }

    private static boolean isGiven(@Nullable String variable) {
        return variable != null && !variable.isBlank();
    }

    private static ObjectNode defaults() {
        try (InputStream in = requireNonNull(SettingsLoader.class.getResourceAsStream(DEFAULTS), DEFAULTS)) {
            return (ObjectNode) YAML.readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException("the packaged " + DEFAULTS + " can't be read", e);
        }
    }

    private static JsonNode parse(Path file, byte[] bytes) {
        try {
            return YAML.readTree(bytes);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : ":" + at.getLineNr();
            throw new InvalidSettingException(
                    file + where, "is not valid YAML: " + withoutExcerpts(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can't be read", e);
        }
    }

    /** The excerpts, indented by four, may show the database's password. */
    private static String withoutExcerpts(String message) {
        return message.lines()
                .filter(line -> !line.startsWith("    "))
                .map(String::strip)
                .collect(Collectors.joining(" "));
    }

    private static void overlay(ObjectNode target, JsonNode source, String prefix) {
        if (source.isNull() || source.isMissingNode()) {
            return;
        }
        if (!source.isObject()) {
            throw new InvalidSettingException(
                    prefix.isEmpty() ? "the file" : prefix.substring(0, prefix.length() - 1),
                    "must be a section with the keys " + keys(target));
        }
        source.properties().forEach(field -> {
            String path = prefix + field.getKey();
            JsonNode known = target.get(field.getKey());
            if (known == null) {
                throw new InvalidSettingException(path, "is not a setting; known here: " + keys(target));
            }
            if (known instanceof ObjectNode section) {
                overlay(section, field.getValue(), path + ".");
            } else {
                target.set(field.getKey(), field.getValue());
            }
        });
    }

    private static List<String> overlayEnvironment(ObjectNode settings, Map<String, String> environment) {
        List<String> unknown = environment.keySet().stream()
                .filter(name -> name.startsWith(ConfigFile.PREFIX) && !OTHER_VARIABLES.contains(name))
                .sorted()
                .collect(Collectors.toCollection(ArrayList::new));
        overlayEnvironment(settings, "", environment, unknown);
        return List.copyOf(unknown);
    }

    private static void overlayEnvironment(
            ObjectNode section, String prefix, Map<String, String> environment, List<String> unknown) {
        for (String key : keys(section)) {
            String path = prefix + key;
            JsonNode known = section.get(key);
            if (known instanceof ObjectNode inner) {
                overlayEnvironment(inner, path + ".", environment, unknown);
                continue;
            }
            String name = ConfigFile.variable(path);
            String value = environment.get(name);
            if (value != null && isGiven(value)) {
                section.set(key, known.isArray() ? elements(value) : TextNode.valueOf(value));
                unknown.remove(name);
            }
        }
    }

    /** Reads a list where only text can be given: comma-separated. */
    private static ArrayNode elements(String value) {
        ArrayNode elements = YAML.createArrayNode();
        Arrays.stream(value.split(",", -1))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .forEach(elements::add);
        return elements;
    }

    private static Settings bind(ObjectNode tree) {
        try {
            return YAML.treeToValue(tree, Settings.class);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof InvalidSettingException invalid) {
                throw invalid;
            }
            Throwable cause = e.getCause() instanceof IllegalArgumentException argument ? argument : e;
            String reason = cause instanceof JsonMappingException mapping
                    ? mapping.getOriginalMessage()
                    : String.valueOf(cause.getMessage());
            throw new InvalidSettingException(path(e), "is wrong: " + reason);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("settings can't be bound", e);
        }
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull) // an element of a list
                .collect(Collectors.joining("."));
    }

    private static List<String> keys(ObjectNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static ObjectMapper mapper() {
        return YAMLMapper.builder(YAMLFactory.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                // A mapper takes the features of a factory that was built, and the builder starts with none of the
                // defaults.
                .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
                .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .addModule(new SimpleModule().addDeserializer(Duration.class, new DurationDeserializer()))
                .build();
    }

    private static final class DurationDeserializer extends StdDeserializer<Duration> {
        @Serial
        private static final long serialVersionUID = 1L;

        DurationDeserializer() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = parser.getValueAsString();
            try {
                return DurationText.parse(String.valueOf(text));
            } catch (IllegalArgumentException e) {
                throw JsonMappingException.from(parser, String.valueOf(e.getMessage()), e);
            }
        }
    }
}
