package dev.writebehind.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writebehind.contract.Exchange.Answer;
import dev.writebehind.contract.Exchange.Request;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the check of the contract finds: whatever is taken out of the document, or put into an exchange. */
class ContractCheckTest {
    private static final String WRITE = """
            {"user_id": 42, "course_key": "course-v1:O+C+R", "block_key": "b", "completion": 0.5}""";
    private static final String TAKEN = "{\"accepted\":1,\"ack\":\"journal\"}";
    private static final String READ = "/v1/users/42/completions?course_key=course-v1:O+C+R";
    private static final String STORED = """
            {"completions": [{"block_key": "b", "block_type": "unknown", "completion": 0.5, "state": "stored",
             "created": "2026-11-22T17:44:56.950681Z", "modified": "2026-11-22T17:44:56.950681Z"}]}""";

    private static Exchange exchange(
            String method, String target, String type, String body, int status, String answer, String... headers) {
        HttpHeaders asked =
                type == null ? new DefaultHttpHeaders() : new DefaultHttpHeaders().add("content-type", type);
        HttpHeaders answered = new DefaultHttpHeaders()
                .add("content-type", status < 400 ? "application/json" : "application/problem+json");
        for (String header : headers) {
            String[] parts = header.split(": ", 2);
            answered.set(parts[0], parts[1]);
        }
        return new Exchange(
                new Request(method, target, asked, Buffer.buffer(body)),
                new Answer(status, answered, Buffer.buffer(answer)));
    }

    private static Exchange write(String body, int status, String answer, String... headers) {
        return exchange("POST", "/v1/completions", "application/json", body, status, answer, headers);
    }

    private static List<String> faults(JsonNode document, Exchange exchange) {
        return new ContractCheck(OpenApiDocument.of(document)).faults(exchange);
    }

    private static ObjectNode document() {
        return (ObjectNode) OpenApiDocument.load("openapi.yaml").root();
    }

    @Test
    void exchanges_asTheDocumentSays_haveNoFaults() {
        JsonNode document = document();
        String full = """
                {"type": "urn:completion-writebehind:buffer-full", "status": 503, "title": "t", "detail": "d"}""";

        assertThat(faults(document, write(WRITE, 202, TAKEN))).isEmpty();
        assertThat(faults(document, write("[" + WRITE + "]", 202, TAKEN))).isEmpty();
        assertThat(faults(document, write(WRITE, 503, full, "retry-after: 1"))).isEmpty();
        assertThat(faults(document, exchange("GET", READ, null, "", 200, STORED)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/paths/~1v1~1completions/post/responses, 202",
        "/components/schemas/Acknowledged/properties, ack",
        "/components/responses/Taken/content, application/json",
        "/paths, /v1/completions",
        "/paths/~1v1~1completions, post",
        "/paths/~1v1~1completions/post/requestBody/content, application/json",
    })
    void document_withoutThat_isFoundWanting(String place, String name) {
        ObjectNode document = document();
        ((ObjectNode) document.at(place)).remove(name);

        assertThat(faults(document, write(WRITE, 202, TAKEN))).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"accepted":1,"ack":"journal","more":1} | more
                    {"accepted":1} | ack
                    {"accepted":"1","ack":"journal"} | accepted
                    {"accepted":1,"ack":"disk"} | ack
                    {"accepted":1 | JSON
                    """)
    void answer_withAnotherBody_isAFault(String body, String named) {
        assertThat(faults(document(), write(WRITE, 202, body))).isNotEmpty().allMatch(fault -> fault.contains(named));
    }

    @Test
    void answer_withAHeaderMoreOrLess_isAFault() {
        String full = """
                {"type": "urn:completion-writebehind:buffer-full", "status": 503, "title": "t", "detail": "d"}""";

        assertThat(faults(document(), write(WRITE, 503, full)))
                .singleElement()
                .asString()
                .contains("Retry-After");
        assertThat(faults(document(), write(WRITE, 202, TAKEN, "x-more: 1")))
                .singleElement()
                .asString()
                .contains("x-more");
        assertThat(faults(document(), write(WRITE, 202, TAKEN, "content-type: text/plain")))
                .singleElement()
                .asString()
                .contains("text/plain");
    }

    @Test
    void answer_ofATypeThatIsNoneOfThisStatus_isAFault() {
        String other = """
                {"type": "urn:completion-writebehind:database-unreadable", "status": 503, "title": "t", "detail": "d"}""";

        assertThat(faults(document(), write(WRITE, 503, other, "retry-after: 1")))
                .isNotEmpty();
    }

    @Test
    void request_thatWasTakenAndIsNotDocumented_isAFault_butNotOneThatWasRefused() {
        String wrong = WRITE.replace("0.5", "\"half\"");
        String problem = "{\"status\": 400, \"title\": \"t\", \"detail\": \"d\"}";

        assertThat(faults(document(), write(wrong, 202, TAKEN))).isNotEmpty();
        assertThat(faults(document(), write(wrong, 400, problem))).isEmpty();
        assertThat(faults(document(), exchange("GET", "/v1/users/42/completions", null, "", 200, STORED)))
                .isNotEmpty();
        assertThat(faults(
                        document(),
                        exchange("POST", "/v1/completions", "application/x-ndjson", WRITE + "\n{}", 202, TAKEN)))
                .isNotEmpty();
    }

    @Test
    void methodThatThePathDoesNotTake_isAnsweredAsAnyRequest() {
        String problem = "{\"status\": 405, \"title\": \"t\", \"detail\": \"d\"}";

        assertThat(faults(document(), exchange("PUT", "/v1/completions", null, "", 405, problem, "allow: POST")))
                .isEmpty();
        assertThat(faults(document(), exchange("PUT", "/v1/completions", null, "", 405, problem, "allow: PUT")))
                .isNotEmpty();
        assertThat(faults(document(), exchange("PUT", "/v1/completions", null, "", 200, "{}")))
                .isNotEmpty();
    }
}
