package dev.writebehind.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One of the contract's documents: its paths, and whether a value is as a schema of it says. Safe for any thread. */
public final class OpenApiDocument {
    /** The methods that a path can describe, as the document writes them. */
    public static final List<String> METHODS =
            List.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    /** The components, which each schema is given to refer to, are no keyword of theirs. */
    private static final Dialect DIALECT = Dialect.builder(Dialects.getDraft202012())
            .keyword(new NonValidationKeyword("components"))
            .build();

    private static final ObjectMapper YAML = new YAMLMapper();
    private static final Pattern TEMPLATE = Pattern.compile("\\{(\\w+)}");

    private final JsonNode root;
    private final Map<String, Pattern> paths = new LinkedHashMap<>();
    private final SchemaRegistry registry;
    private final Map<JsonNode, Schema> schemas = Collections.synchronizedMap(new IdentityHashMap<>());

    private OpenApiDocument(JsonNode root) {
        this.root = root;
        root.path("paths")
                .fieldNames()
                .forEachRemaining(path ->
                        paths.put(path, Pattern.compile(TEMPLATE.matcher(path).replaceAll("([^/%]+)"))));
        SchemaRegistryConfig strict =
                SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
        registry = SchemaRegistry.withDialect(DIALECT, with -> with.schemaRegistryConfig(strict));
    }

    /** Reads one from the class path. */
    public static OpenApiDocument load(String name) {
        try (InputStream in = OpenApiDocument.class.getClassLoader().getResourceAsStream(name)) {
            return of(YAML.readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static OpenApiDocument of(JsonNode root) {
        return new OpenApiDocument(root);
    }

    JsonNode root() {
        return root;
    }

    /** Returns its paths, as they are written, with what each says. */
    public Map<String, JsonNode> paths() {
        Map<String, JsonNode> all = new LinkedHashMap<>();
        paths.keySet().forEach(path -> all.put(path, root.path("paths").path(path)));
        return all;
    }

    /**
     * What the document says of a path that was asked for.
     *
     * @param template the path as it is written there
     * @param parameters what the request has in place of the braces
     */
    record Found(String template, JsonNode item, Map<String, String> parameters) {}

    /** Returns what it says of a path; a path without braces goes before one with them. */
    Optional<Found> find(String path) {
        JsonNode exact = root.path("paths").path(path);
        if (!exact.isMissingNode()) {
            return Optional.of(new Found(path, exact, Map.of()));
        }
        for (Map.Entry<String, Pattern> candidate : paths.entrySet()) {
            Matcher matcher = candidate.getValue().matcher(path);
            if (matcher.matches()) {
                return Optional.of(new Found(
                        candidate.getKey(),
                        root.path("paths").path(candidate.getKey()),
                        parameters(candidate.getKey(), matcher)));
            }
        }
        return Optional.empty();
    }

    private static Map<String, String> parameters(String template, Matcher matcher) {
        Map<String, String> parameters = new LinkedHashMap<>();
        Matcher names = TEMPLATE.matcher(template);
        for (int group = 1; names.find(); group++) {
            parameters.put(names.group(1), matcher.group(group));
        }
        return parameters;
    }

    /** Returns what a node says, in the place that it refers to where it does. */
    JsonNode resolve(JsonNode node) {
        JsonNode reference = node.path("$ref");
        if (reference.isMissingNode()) {
            return node;
        }
        JsonNode there = root.at(reference.textValue().substring(1));
        if (there instanceof MissingNode) {
            throw new IllegalStateException("nothing is at " + reference.textValue());
        }
        return resolve(there);
    }

    /** Returns what is wrong with a value, by one of the document's schemas. */
    List<String> faults(JsonNode schema, JsonNode value) {
        return schemas.computeIfAbsent(schema, this::compile).validate(value).stream()
                .map(Object::toString)
                .toList();
    }

    private Schema compile(JsonNode schema) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", root.path("components"));
        return registry.getSchema(whole);
    }
}
