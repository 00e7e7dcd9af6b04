package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the drop-in endpoint makes of bodies of every kind, beyond the recorded cases. */
class OpenedxBodiesIT {
    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.after(OpenedxBodiesIT::prepare);

    private final RunningService service = suite.service();

    private static String[] prepare(TestDatabase database) {
        OpenedxTables.createUsers(database, 2);
        OpenedxTables.createEnrolments(database);
        return Tokens.openedx("flush.interval=20ms");
    }

    private HttpResponse<String> post(String type, String body) {
        return service.send(HttpRequest.newBuilder(service.uri("/api/completion/v1/completion-batch"))
                .header("authorization", "JWT " + Tokens.rs512(Tokens.claims("user1", Instant.now())))
                .header("content-type", type)
                .POST(BodyPublishers.ofString(body)));
    }

    private static void assertDetail(HttpResponse<String> answer, int status, String detail) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).getString("detail")).contains(detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "application/json | {\"username\":\"user1\",\"course_key\":null,\"blocks\":{}} | 400 | Invalid learning context key: None",
                "application/json | {\"username\":\"user1\",\"blocks\":{}} | 400 | Key 'course_key' not found.",
                "application/json | {\"username\":\"user1\",\"course_key\":\"not:a:course:key\",\"blocks\":{}} | 400 | Invalid learning context key: not:a:course:key",
                "application/json | {\"username\":\"user1\",\"course_key\":\"course-v1:O+C+R\",\"blocks\":{}} | 400 | User is not enrolled in course.",
                "application/json | {\"username\":\"user2\",\"username\":\"user1\",\"course_key\":\"lib:O:s\",\"blocks\":[]} | 200 | ok",
                "application/json | {\"username\":\"user1\",\"username\":\"user2\",\"course_key\":\"lib:O:s\",\"blocks\":[]} | 403 | permission",
                "application/json; charset=utf-8 | {\"username\":\"user1\",\"course_key\":\"lib:O:s\",\"blocks\":[]} | 200 | ok",
                "APPLICATION/JSON | {\"username\":\"user1\",\"course_key\":\"lib:O:s\",\"blocks\":[]} | 200 | ok",
                "application/json | {\"username\":\"user1\"} x | 400 | JSON parse error - ",
                "application/json | {\"username\":\"user1\",\"x\":NaN} | 400 | JSON parse error - ",
                "text/plain; charset=utf-8 | x | 415 | Unsupported media type \"text/plain; charset=utf-8\" in request.",
                "multipart/form-data; boundary=x | x | 415 | Unsupported media type",
                "application/x-www-form-urlencoded | username=user1&course_key=lib:O:s | 400 | Key 'blocks' not found.",
                "application/x-www-form-urlencoded | username=user1&course_key=lib:O:s&blocks=%7B%7D | 400 | Invalid block key: {",
                "application/x-www-form-urlencoded | username=user2&course_key=lib:O:s&blocks=%7B%7D | 403 | permission",
                "application/x-www-form-urlencoded | %zz=%zz&username=user1 | 40 | ",
            })
    void body_ofAnyKind_isReadAsTheLmsReadsIt(String type, String body, int status, String detail) {
        HttpResponse<String> answer = post(type, body);
        if (status == 40) {
            assertThat(answer.statusCode()).isBetween(400, 499);
        } else {
            assertDetail(answer, status, detail);
        }
    }

    /** Django counts the fields of a form, and takes them as long as they are. */
    @ParameterizedTest
    @CsvSource({
        "1000, 1, 1, exceeded 1000",
        "999, 1, 1, 'Key ''course_key'' not found'",
        "1, 5000, 1, 'Key ''course_key'' not found'",
        "1, 1, 20000, 'Key ''course_key'' not found'"
    })
    void form_ofManyOrLongFields_isBoundedAsInTheLms(int fields, int name, int value, String detail) {
        String form = "username=user1&" + ("f".repeat(name) + "=" + "v".repeat(value) + "&").repeat(fields);
        assertDetail(post("application/x-www-form-urlencoded", form), 400, detail);
    }
}
