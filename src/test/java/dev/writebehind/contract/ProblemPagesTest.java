package dev.writebehind.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.core.NotTaken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each type of problem that the code has is in the document and has its page, and no other is and does. */
class ProblemPagesTest {
    private static final String URN = "urn:completion-writebehind:";
    private static final Path PAGES = Path.of("docs", "problems");
    /** A type as the code names it where it is not a {@link NotTaken.Reason}. */
    private static final Pattern IN_CODE = Pattern.compile("(?:Problem\\.unavailable|new Problem)\\(\\s*\"([^\"]+)\"");

    private static final OpenApiDocument DOCUMENT = OpenApiDocument.load("openapi.yaml");
    private static final JsonNode PROBLEM = DOCUMENT.root().at("/components/schemas/Problem");

    static Set<String> pages() throws IOException {
        try (Stream<Path> files = Files.list(PAGES)) {
            return files.map(file -> file.getFileName().toString().replaceFirst("\\.md$", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void typesInTheCode_areThoseOfThePagesAndOfTheDocument() throws IOException {
        Set<String> inCode = new TreeSet<>();
        Arrays.stream(NotTaken.Reason.values()).map(NotTaken.Reason::label).forEach(inCode::add);
        try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                IN_CODE.matcher(Files.readString(source)).results().forEach(type -> inCode.add(type.group(1)));
            }
        }
        Set<String> documented = new TreeSet<>();
        PROBLEM.at("/properties/type/enum")
                .forEach(type -> documented.add(type.textValue().substring(URN.length())));

        assertThat(pages()).isEqualTo(inCode);
        assertThat(documented).isEqualTo(inCode);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void page_saysWhatItMeansAndWhatToDo_withAnExampleThatIsOne(String type) throws IOException {
        String page = Files.readString(PAGES.resolve(type + ".md"));

        assertThat(page)
                .startsWith("# `" + URN + type + "`\n")
                .contains("## What it means", "## What the caller should do", "## Example");
        Matcher example = Pattern.compile("(?s)HTTP/1\\.1 (\\d{3}) .*?\\n\\n(\\{.*?})\\n```")
                .matcher(page);
        assertThat(example.find()).isTrue();
        JsonNode problem = new ObjectMapper().readTree(example.group(2));
        assertThat(DOCUMENT.faults(PROBLEM, problem)).isEmpty();
        assertThat(problem.path("type").textValue()).isEqualTo(URN + type);
        assertThat(problem.path("status").asText()).isEqualTo(example.group(1));
        assertThat(page).contains("\nStatus " + example.group(1));
    }

    @Test
    void apiPage_leadsToEachOfThem() throws IOException {
        String api = Files.readString(Path.of("docs", "api.md"));

        for (String type : pages()) {
            assertThat(api).contains("[`" + type + "`](problems/" + type + ".md)");
        }
    }
}
