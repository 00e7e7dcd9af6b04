package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.RawHttp.Answer;
import dev.writebehind.testing.Tokens;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever shows no credentials is not served, however they spell a path and whatever they ask of it. */
class NoCredentialsIT {
    private static final List<String> PATHS =
            List.of("/v1/completions", "/v1/users/1/completions", "/api/completion/v1/completion-batch");
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.after(database -> {
        OpenedxTables.createUsers(database, 1);
        OpenedxTables.createEnrolments(database);
        return Tokens.openedx("flush.interval=1h", "buffer.retain=0s");
    });

    static Stream<String> spellings() {
        return PATHS.stream()
                .flatMap(path -> Stream.of(
                        path,
                        path.toUpperCase(Locale.ROOT),
                        "/" + path,
                        path + "/",
                        path + "//",
                        "/." + path,
                        "/x/.." + path,
                        path + "/.",
                        path + ";jsessionid=1",
                        path.replace("/v1", "/%76%31"),
                        path.replace("/v1/", "/v1%2f"),
                        path + "%00",
                        path + "%20",
                        "http://localhost" + path,
                        path + "#/health/live"));
    }

    @ParameterizedTest
    @MethodSource("spellings")
    void anyRequest_ofAnyMethod_isRefused_andNothingIsTaken(String path) {
        for (String query : List.of("", "?course_key=c&ack=database")) {
            for (String method : METHODS) {
                try (RawHttp http = RawHttp.connect(suite.service().port())) {
                    http.send(RawHttp.request(
                            method,
                            path + query,
                            Bodies.write(1, "block", 1),
                            "content-type: application/json",
                            "x-forwarded-user: staff",
                            "x-original-url: /health/live"));
                    Answer answer = method.equals("HEAD") ? http.answerWithoutBody() : http.answer();
                    assertThat(answer.status()).as(method + " " + path + query).isIn(400, 401, 404, 405, 501);
                    if (PATHS.contains(path) && List.of("GET", "POST", "DELETE").contains(method)) {
                        assertThat(answer.status()).isIn(401, 405);
                    }
                }
            }
        }
        suite.service().flush();
        assertThat(suite.database().rows()).isZero();
    }
}
