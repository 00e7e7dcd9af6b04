package dev.writebehind.http;

import static java.util.Objects.requireNonNull;

import io.vertx.core.http.HttpServerRequest;

/**
 * The reason why a request is not read any further; immutable.
 *
 * @param status the HTTP status, 400 to 499
 * @param detail what is wrong
 */
public record Malformed(int status, String title, String detail) {
    public Malformed {
        requireNonNull(title, "title");
        requireNonNull(detail, "detail");
    }

    static Malformed badRequest(String detail) {
        return new Malformed(400, "Bad request", detail);
    }

    static Malformed notHttp(String fault) {
        return badRequest("the request is not valid HTTP: " + fault);
    }

    static Malformed notFound(String detail) {
        return new Malformed(404, "Not found", detail);
    }

    /** Returns what was wrong with a request that could not be decoded. */
    static Malformed of(HttpServerRequest undecoded) {
        return of(undecoded.decoderResult().cause());
    }

    /** Returns what that failure to read a request tells of it. */
    static Malformed of(Throwable cause) {
        return cause instanceof MalformedRequestException own ? own.malformed() : notHttp(String.valueOf(cause));
    }
}
