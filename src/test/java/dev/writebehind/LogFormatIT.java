package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The log of the service as it is packaged, from the first line to the last. */
class LogFormatIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The tests' own configuration of the log would be found before the one that is packaged. */
    private static final List<String> PACKAGED = List.of("-Dlogback.configurationFile=logback.xml");

    private static TestDatabase database;

    @BeforeAll
    static void create() {
        database = TestDatabase.create();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    @Test
    @ShowsEffectOf("log.format")
    void json_fromTheFirstLineToTheLast_isAnObjectInEachLine() throws Exception {
        try (ChildService service = ChildService.start(
                PACKAGED, database.uri(), "log.format=json", "log.level=debug", "nothing.of.ours=1")) {
            assertThat(service.post("", Bodies.write(1, 0.5)).statusCode()).isEqualTo(202);
            service.terminate();
            assertThat(service.exitCode(Duration.ofMinutes(3))).isZero();

            List<JsonNode> lines = parsed(service.output());
            assertThat(messages(lines))
                    .anyMatch(message -> message.startsWith("writebehind ") && message.contains(" starts with "))
                    .anyMatch(message -> message.contains("WRITEBEHIND_NOTHING_OF_OURS"))
                    .anyMatch(message -> message.startsWith("Listening on http://127.0.0.1:"))
                    .anyMatch(message -> message.equals("Everything accepted is in the table"));
        }
    }

    @Test
    void json_ofAFailure_holdsTheStackTrace() throws Exception {
        String away = "mysql://user:geheim@127.0.0.1:1/schema";
        try (ChildService service =
                ChildService.start(PACKAGED, away, "log.format=json", "log.level=debug", "shutdown.drain-timeout=2s")) {
            assertThat(service.post("?ack=memory", Bodies.write(1, 0.5)).statusCode())
                    .isEqualTo(202);
            await().until(() ->
                    service.output().stream().anyMatch(line -> line.contains("The table can't be prepared")));
            service.terminate();
            assertThat(service.exitCode(Duration.ofMinutes(3))).isZero();

            assertThat(parsed(service.output()))
                    .filteredOn(line -> line.get("message").textValue().equals("The table can't be prepared"))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line.get("stack_trace").textValue())
                            .contains("Exception: ", "\n\tat ", "Caused by: "));
            assertThat(String.join("\n", service.output())).doesNotContain("geheim");
        }
    }

    @Test
    void start_tellsVersionAndWhatIsNotTheDefault_butNoSecret() throws Exception {
        String password = database.uri().replaceFirst("mysql://[^:]*:([^@]*)@.*", "$1");
        try (ChildService service = ChildService.start(
                PACKAGED,
                database.uri(),
                "flush.interval=275ms",
                "buffer.retain=10s",
                "auth.mode=jwt",
                "auth.tokens=a-token-of-some-length",
                "auth.jwt.secret=a-secret-of-the-lms-of-some-length",
                "auth.jwt.issuer=https://lms.example.org/oauth2")) {
            assertThat(service.get("/v1/users/1/completions").statusCode()).isEqualTo(401);

            String first = service.output().get(0);
            assertThat(first)
                    .contains("writebehind ", " on Java ", "flush.interval=275ms", "auth.mode=jwt")
                    .contains("database.uri=mysql://", ":***@")
                    .contains("auth.tokens=[***]", "auth.jwt.secret=***", "auth.jwt.issuer=https://lms")
                    .doesNotContain("buffer.retain", "of-some-length", ":" + password + "@");
            assertThat(String.join("\n", service.output())).doesNotContain("of-some-length", ":" + password + "@");
        }
    }

    private static List<JsonNode> parsed(List<String> output) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : output) {
            JsonNode node = JSON.readTree(line);
            assertThat(node.isObject()).as(line).isTrue();
            for (String field : List.of("timestamp", "level", "logger", "thread", "message")) {
                assertThat(node.path(field).isTextual()).as(line).isTrue();
            }
            lines.add(node);
        }
        return lines;
    }

    private static List<String> messages(List<JsonNode> lines) {
        return lines.stream().map(line -> line.get("message").textValue()).toList();
    }
}
