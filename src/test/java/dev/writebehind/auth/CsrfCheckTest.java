package dev.writebehind.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Django itself said to these requests, recorded by running its middleware. Where a case has {@code ours}, this
 * service refuses what Django takes, though no browser can send it.
 */
class CsrfCheckTest {
    private static final JsonObject RECORDED = recorded();

    private static JsonObject recorded() {
        try {
            return new JsonObject(Files.readString(Path.of("src/test/resources/csrf-cases.json")));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<JsonObject> cases() {
        return RECORDED.getJsonArray("cases").stream().map(JsonObject.class::cast);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void fault_isDjangos(JsonObject request) {
        List<String> trusted = RECORDED.getJsonArray("trusted").stream()
                .map(String.class::cast)
                .toList();
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        add(headers, "host", request.getValue("host"));
        add(headers, "origin", request.getValue("origin"));
        add(headers, "referer", request.getValue("referer"));
        add(headers, "x-forwarded-proto", request.getValue("proto"));
        add(headers, "cookie", valueOrUsual(request, "cookie"));
        add(headers, "x-csrftoken", valueOrUsual(request, "token"));

        String fault =
                new CsrfCheck(trusted).fault(HttpMethod.valueOf(request.getString("method", "POST")), headers, false);

        assertThat(Objects.requireNonNullElse(fault, "ok"))
                .isEqualTo(request.getString("ours", request.getString("django")));
    }

    private static Object valueOrUsual(JsonObject request, String name) {
        return request.containsKey(name) ? request.getValue(name) : RECORDED.getValue(name);
    }

    private static void add(MultiMap headers, String name, Object value) {
        if (value instanceof JsonArray several) {
            several.forEach(one -> headers.add(name, (String) one));
        } else if (value != null) {
            headers.add(name, (String) value);
        }
    }

    @Test
    void cases_whereDjangoIsFollowedAndWhereNot_areMany() {
        assertThat(cases().filter(request -> request.getString("django").equals("ok")))
                .hasSizeGreaterThan(100);
        assertThat(cases().filter(request -> request.containsKey("ours")))
                .isNotEmpty()
                .allSatisfy(request -> assertThat(request.getString("ours")).contains("does not match any"));
    }
}
