package dev.writebehind.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.List;

/** Objects of Kubernetes, read as its own types: a name that these don't know fails. Stateless. */
public final class StrictYaml {
    private static final YAMLMapper YAML = strict();

    private StrictYaml() {}

    /** Returns the documents of a text. */
    public static List<JsonNode> documents(String text) throws IOException {
        return YAML.readerFor(JsonNode.class).<JsonNode>readValues(text).readAll();
    }

    /** Reads a document as that type. */
    public static <T> T read(JsonNode document, Class<T> type) throws IOException {
        return YAML.treeToValue(document, type);
    }

    /** Reads the only document whose kind is the type's name. */
    public static <T> T only(String text, Class<T> type) throws IOException {
        List<JsonNode> found = documents(text).stream()
                .filter(document -> document.get("kind").asText().equals(type.getSimpleName()))
                .toList();
        assertThat(found).hasSize(1);
        return read(found.get(0), type);
    }

    /** Kubernetes' types take unknown properties by a setter for any, which this does not look at. */
    private static YAMLMapper strict() {
        YAMLMapper mapper = new YAMLMapper();
        mapper.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        mapper.setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
            private static final long serialVersionUID = 1L;

            @Override
            public Boolean hasAnySetter(Annotated member) {
                return false;
            }
        });
        return mapper;
    }
}
