package dev.writebehind.openedx;

import static java.util.Objects.requireNonNull;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** An answer as the LMS's endpoint would give it: a status and a sentence; immutable. */
record Answer(int status, String detail) {
    /**
     * More is cut off: what a caller sent is quoted for people to read, and an answer should not outgrow its request.
     */
    static final int MAX_DETAIL_CHARACTERS = 2_000;

    static final Answer OK = new Answer(200, "ok");
    static final Answer FORBIDDEN = new Answer(403, "You do not have permission to perform this action.");

    private static final String METHODS = "POST, OPTIONS";
    private static final String SCHEME = "JWT realm=\"api\"";

    Answer {
        requireNonNull(detail, "detail");
        if (detail.length() > MAX_DETAIL_CHARACTERS) {
            int end = Character.isHighSurrogate(detail.charAt(MAX_DETAIL_CHARACTERS - 1))
                    ? MAX_DETAIL_CHARACTERS - 1
                    : MAX_DETAIL_CHARACTERS;
            detail = detail.substring(0, end) + "…";
        }
    }

    static Answer bad(String detail) {
        return new Answer(400, detail);
    }

    /** Something that passes by itself: the answer asks the caller to come again. */
    static Answer unavailable(String detail) {
        return new Answer(503, detail);
    }

    /** Returns this as something to throw. */
    Refused refused() {
        return new Refused(this);
    }

    void send(HttpServerResponse response) {
        send(response, status, new JsonObject().put("detail", detail));
    }

    static void send(HttpServerResponse response, int status, JsonObject body) {
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.ALLOW, METHODS);
        if (status == 401) {
            response.putHeader("WWW-Authenticate", SCHEME);
        } else if (status == 503) {
            response.putHeader(HttpHeaders.RETRY_AFTER, "1");
        }
        // By way of text: half a surrogate pair that is quoted becomes a question mark there, and an error otherwise.
        response.end(Buffer.buffer(body.encode()));
    }
}
