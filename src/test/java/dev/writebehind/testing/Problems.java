package dev.writebehind.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;

/** Requires that an answer tells of a problem as it should, and reads it; stateless. */
public final class Problems {
    private Problems() {}

    /** Returns the problem, which has that status. */
    public static JsonObject problem(HttpResponse<String> answer, int status) {
        return problem(
                answer.statusCode(), answer.headers().firstValue("content-type").orElse(""), answer.body(), status);
    }

    /** Returns the problem, which has that status. */
    public static JsonObject problem(RawHttp.Answer answer, int status) {
        return problem(answer.status(), answer.header("content-type"), answer.body(), status);
    }

    private static JsonObject problem(int answered, String type, String body, int status) {
        assertThat(answered).as(body).isEqualTo(status);
        assertThat(type).isEqualTo("application/problem+json");
        JsonObject problem = new JsonObject(body);
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("detail")).isNotBlank();
        return problem;
    }
}
