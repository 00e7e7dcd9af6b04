package dev.writebehind.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents as such: tools read them, nothing in them is left over, and their examples are as they say. */
class DocumentsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** How the code reads a parameter of a query. */
    private static final Pattern PARAMETER =
            Pattern.compile("(?:query|queryParams\\(\\))\\.(?:one|all|getAll|get)\\(\"([^\"]+)\"");

    @ParameterizedTest
    @ValueSource(strings = {"openapi.yaml", "openapi-management.yaml"})
    void document_readByAParser_isFlawless(String name) throws IOException {
        ParseOptions resolving = new ParseOptions();
        resolving.setResolve(true);
        try (InputStream in = getClass().getClassLoader().getResourceAsStream(name)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            SwaggerParseResult read = new OpenAPIV3Parser().readContents(text, List.of(), resolving);
            assertThat(read.getMessages()).isEmpty();
            assertThat(read.getOpenAPI().getOpenapi()).isEqualTo("3.1.0");
            assertThat(read.getOpenAPI().getPaths()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"openapi.yaml", "openapi-management.yaml"})
    void operations_eachHaveANameOfTheirOwnASummaryAndAnswers(String name) {
        List<String> names = new ArrayList<>();
        OpenApiDocument.load(name)
                .paths()
                .values()
                .forEach(item -> OpenApiDocument.METHODS.stream()
                        .map(item::path)
                        .filter(operation -> !operation.isMissingNode())
                        .forEach(operation -> {
                            names.add(operation.path("operationId").asText());
                            assertThat(operation.path("summary").asText()).isNotBlank();
                            assertThat(operation.path("tags")).hasSize(1);
                            assertThat(operation.path("responses").has("200")).isTrue();
                        }));

        assertThat(names).isNotEmpty().doesNotHaveDuplicates().doesNotContain("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openapi.yaml", "openapi-management.yaml"})
    void components_eachAreUsed_andWhatIsUsedIsThere(String name) {
        OpenApiDocument document = OpenApiDocument.load(name);
        Set<String> defined = new TreeSet<>();
        document.root()
                .path("components")
                .fields()
                .forEachRemaining(kind -> kind.getValue()
                        .fieldNames()
                        .forEachRemaining(each -> defined.add("#/components/" + kind.getKey() + "/" + each)));
        defined.removeIf(component -> component.contains("/securitySchemes/"));
        Set<String> used = new TreeSet<>();
        document.root().findValues("$ref").forEach(reference -> used.add(reference.textValue()));

        assertThat(used).isEqualTo(defined);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openapi.yaml", "openapi-management.yaml"})
    void examples_areAsTheirSchemasSay(String name) {
        OpenApiDocument document = OpenApiDocument.load(name);
        List<String> faults = new ArrayList<>();
        int looked = 0;
        for (JsonNode holder : document.root().findParents("examples")) {
            for (JsonNode example : holder.path("examples")) {
                looked++;
                faults.addAll(document.faults(holder.path("schema"), example.path("value")));
                if (holder.has("x-line-schema")) {
                    example.path("value")
                            .textValue()
                            .lines()
                            .forEach(line -> faults.addAll(document.faults(holder.path("x-line-schema"), json(line))));
                }
            }
        }

        assertThat(faults).isEmpty();
        assertThat(looked).isGreaterThan(15);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openapi.yaml", "openapi-management.yaml"})
    void contents_thatAreJson_haveAnExample(String name) {
        List<JsonNode> without = OpenApiDocument.load(name).root().findValues("content").stream()
                .flatMap(content -> content.properties().stream())
                .filter(media -> media.getKey().endsWith("json"))
                .map(Map.Entry::getValue)
                .filter(media -> !media.has("examples") && !media.path("schema").isEmpty())
                .toList();

        assertThat(without).isEmpty();
    }

    @Test
    void parametersThatTheCodeReads_areThoseOfTheDocument() throws IOException {
        Set<String> read = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                PARAMETER.matcher(Files.readString(source)).results().forEach(name -> read.add(name.group(1)));
            }
        }
        Set<String> documented = new TreeSet<>();
        for (JsonNode parameter : OpenApiDocument.load("openapi.yaml").root().findParents("in")) {
            if (parameter.path("in").asText().equals("query")) {
                documented.add(parameter.path("name").textValue());
            }
        }

        assertThat(documented).isEqualTo(read);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
