package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recorded case of the LMS's endpoint: the same answer, and after the flush the same rows. */
class OpenedxCasesIT {
    private static final String LONG_AGO = "2020-01-01 00:00:00.000000";
    private static final Map<String, Integer> USER_IDS = new HashMap<>();

    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.after(OpenedxCasesIT::prepare);

    private final TestDatabase database = suite.database();
    private final RunningService service = suite.service();

    /** How a caller shows who it is. */
    enum Showing {
        JWT_THAT_TELLS_STAFF,
        JWT_ALONE,
        OPAQUE_TOKEN
    }

    private static String[] prepare(TestDatabase database) throws IOException {
        OpenedxTables.createUsers(database, 0);
        OpenedxTables.createEnrolments(database);
        JsonObject users = cases().getJsonObject("users");
        for (String name : users.fieldNames()) {
            int id = USER_IDS.size() + 1;
            USER_IDS.put(name, id);
            OpenedxTables.addUser(database, id, name, users.getJsonObject(name).getBoolean("is_staff"));
            database.execute(
                    "INSERT INTO oauth2_provider_accesstoken (token, expires, user_id) VALUES ('opaque-token-of-" + name
                            + "', '2040-01-01', " + id + ")");
        }
        return Tokens.openedx(
                "openedx.opaque-tokens=true", "openedx.cache-ttl=0s", "flush.interval=1h", "buffer.retain=0s");
    }

    static Stream<Arguments> everyCase() throws IOException {
        List<Arguments> arguments = new ArrayList<>();
        for (Object each : cases().getJsonArray("cases")) {
            for (Showing showing : Showing.values()) {
                arguments.add(Arguments.of(((JsonObject) each).getString("id"), showing, each));
            }
        }
        assertThat(arguments).hasSize(53 * 3);
        return arguments.stream();
    }

    private static JsonObject cases() throws IOException {
        try (InputStream in = OpenedxCasesIT.class.getResourceAsStream("/openedx-cases.json")) {
            return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("everyCase")
    void call_isAnsweredAndStoredAsRecorded(String id, Showing showing, JsonObject recorded) {
        arrange(recorded.getJsonObject("preconditions"));
        JsonObject wanted = recorded.getJsonObject("ours", recorded.getJsonObject("expected"));

        HttpResponse<String> answer = service.send(request(recorded, showing));
        service.flush();

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(wanted.getInteger("status"));
        if (wanted.getJsonObject("body") != null) {
            assertThat(new JsonObject(answer.body())).isEqualTo(wanted.getJsonObject("body"));
        } else {
            assertThat(new JsonObject(answer.body()).getString("detail")).isNotBlank();
        }
        JsonObject headers = wanted.getJsonObject("headers", new JsonObject());
        for (String name : headers.fieldNames()) {
            assertThat(answer.headers().allValues(name)).containsExactly(headers.getString(name));
        }
        assertThat(rows()).isEqualTo(wantedRows(wanted));
        Integer changed = wanted.getInteger("preexisting_rows_whose_modified_changed");
        if (changed != null) {
            assertThat(database.value("SELECT COUNT(*) FROM completion_blockcompletion WHERE created = '" + LONG_AGO
                            + "' AND modified <> created"))
                    .isEqualTo(String.valueOf(changed));
        }
    }

    private void arrange(JsonObject preconditions) {
        database.execute(
                "DELETE FROM completion_blockcompletion",
                "DELETE FROM student_courseenrollment",
                "UPDATE waffle_switch SET active = " + preconditions.getBoolean("switch_on"));
        for (Object each : preconditions.getJsonArray("enrolments")) {
            JsonObject enrolment = (JsonObject) each;
            OpenedxTables.enrol(
                    database, USER_IDS.get(enrolment.getString("username")), enrolment.getString("course_key"));
        }
        for (Object each : preconditions.getJsonArray("rows")) {
            JsonObject row = (JsonObject) each;
            String block = row.getString("block_key");
            database.execute("INSERT INTO completion_blockcompletion"
                    + " (created, modified, course_key, block_key, block_type, completion, user_id) VALUES ('"
                    + String.join(
                            "','",
                            LONG_AGO,
                            LONG_AGO,
                            row.getString("course_key"),
                            block,
                            block.replaceAll(".*type@([^+]+).*", "$1"))
                    + "', " + row.getDouble("completion") + ", " + USER_IDS.get(row.getString("username")) + ")");
        }
    }

    private HttpRequest.Builder request(JsonObject recorded, Showing showing) {
        String body = recorded.getString("raw_body");
        if (body == null && recorded.getJsonObject("body") != null) {
            body = recorded.getJsonObject("body").encode();
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(service.uri(recorded.getString("path")))
                .header("content-type", recorded.getString("content_type"))
                .method(
                        recorded.getString("method"),
                        body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        String caller = recorded.getString("caller");
        return caller == null ? request : request.header("authorization", authorization(caller, showing));
    }

    private static String authorization(String caller, Showing showing) {
        JsonObject claims = Tokens.claims(caller, Instant.now());
        return switch (showing) {
            case JWT_THAT_TELLS_STAFF -> "JWT " + Tokens.rs512(claims.put("administrator", caller.equals("staff")));
            case JWT_ALONE -> {
                claims.remove("administrator");
                yield "JWT " + Tokens.rs512(claims);
            }
            case OPAQUE_TOKEN -> "Bearer opaque-token-of-" + caller;
        };
    }

    private List<List<String>> rows() {
        return database.query("SELECT u.username, c.course_key, c.block_key, c.block_type, CONCAT(c.completion)"
                + " FROM completion_blockcompletion c JOIN auth_user u ON u.id = c.user_id ORDER BY c.id");
    }

    private List<List<String>> wantedRows(JsonObject wanted) {
        List<List<String>> rows = new ArrayList<>();
        for (Object each : (Iterable<?>) wanted.getJsonArray("rows", new JsonArray())) {
            JsonObject row = (JsonObject) each;
            rows.add(List.of(
                    row.getString("username"),
                    row.getString("course_key"),
                    row.getString("block_key"),
                    row.getString("block_type"),
                    database.value("SELECT CONCAT(CAST(" + row.getDouble("completion") + " AS DOUBLE))")));
        }
        return rows;
    }
}
