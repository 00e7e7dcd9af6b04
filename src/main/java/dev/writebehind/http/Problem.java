package dev.writebehind.http;

import static java.util.Objects.requireNonNull;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The problem details of a request that was not done, as RFC 9457 has them; immutable.
 *
 * @param type what callers may decide by, the end of a URN; null: the status says all
 * @param status the HTTP status, 400 to 599
 * @param detail what is wrong and, where the caller can do something, what
 * @param errors what is wrong with which part of the request; may be empty
 */
public record Problem(@Nullable String type, int status, String title, String detail, List<InvalidField> errors) {
    private static final String CONTENT_TYPE = "application/problem+json";
    private static final String TYPE = "urn:completion-writebehind:";
    private static final int UNAUTHORIZED = 401;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final String RETRY_AFTER_SECONDS = "1";
    private static final JsonObject NONE = new JsonObject();

    public Problem {
        requireNonNull(title, "title");
        requireNonNull(detail, "detail");
        errors = List.copyOf(errors);
    }

    /**
     * One wrong part of a request; immutable.
     *
     * @param index which write of the request, from 0; null: not part of one
     * @param field its name; null: the write as a whole
     */
    public record InvalidField(
            @Nullable Integer index, @Nullable String field, String reason) {
        private JsonObject json() {
            JsonObject json = new JsonObject();
            if (index != null) {
                json.put("index", index);
            }
            if (field != null) {
                json.put("field", field);
            }
            return json.put("reason", reason);
        }
    }

    /** Returns one whose status says all. */
    public static Problem of(int status, String title, String detail) {
        return new Problem(null, status, title, detail, List.of());
    }

    /** Returns what is wrong with one parameter of a request. */
    public static Problem invalidParameter(String name, String reason) {
        return new Problem(
                null, 400, "Bad request", name + " " + reason, List.of(new InvalidField(null, name, reason)));
    }

    /** Something that passes by itself: the answer asks the caller to come again. */
    public static Problem unavailable(String type, String detail) {
        return new Problem(type, SERVICE_UNAVAILABLE, "Service unavailable", detail, List.of());
    }

    /** Answers a request whose method the path does not take. */
    public static void sendNotAllowed(HttpServerResponse response, HttpMethod... allowed) {
        String names = Arrays.stream(allowed).map(HttpMethod::name).collect(Collectors.joining(", "));
        of(405, "Method not allowed", "this path takes " + names + " only")
                .send(response.putHeader(HttpHeaders.ALLOW, names));
    }

    /** Answers with it, unless there is an answer already or nobody to get it. */
    public void send(HttpServerResponse response) {
        send(response, NONE);
    }

    /** As {@link #send(HttpServerResponse)}, with further members. */
    public void send(HttpServerResponse response, JsonObject members) {
        if (response.ended() || response.closed()) {
            return;
        }
        JsonObject body = new JsonObject();
        if (type != null) {
            body.put("type", TYPE + type);
        }
        body.put("status", status).put("title", title).put("detail", detail);
        if (!errors.isEmpty()) {
            JsonArray list = new JsonArray();
            errors.forEach(error -> list.add(error.json()));
            body.put("errors", list);
        }
        body.mergeIn(members);
        response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE);
        if (status == SERVICE_UNAVAILABLE) {
            response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        } else if (status == UNAUTHORIZED) {
            response.putHeader("www-authenticate", "Bearer");
        }
        response.end(body.toBuffer());
    }
}
