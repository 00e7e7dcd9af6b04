package dev.writebehind.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The check that a request's target is spelt in the one way which is taken: a proxy's rules for a path see no other.
 * Stateless.
 */
final class RequestTarget {
    private RequestTarget() {}

    /** Returns what is wrong with a request's target; null: nothing. */
    static @Nullable Malformed fault(HttpServerRequest request) {
        String target = request.uri();
        Malformed fault = target.startsWith("/") && !HttpMethod.CONNECT.equals(request.method())
                ? null
                : faultOfForm(request, target);
        if (fault == null) {
            fault = faultOfPath(String.valueOf(request.path()));
        }
        return fault == null ? faultOfQuery(request.query()) : fault;
    }

    /** RFC 9112, 3.2: the forms for proxies and for the server as a whole. */
    private static @Nullable Malformed faultOfForm(HttpServerRequest request, String target) {
        if (HttpMethod.CONNECT.equals(request.method())) {
            return Malformed.badRequest("CONNECT asks for a tunnel, and this is not a proxy");
        }
        if (target.equals("*")) {
            return HttpMethod.OPTIONS.equals(request.method())
                    ? Malformed.notFound("* names the server as a whole, which has no options: ask for a path")
                    : Malformed.badRequest("* is for OPTIONS alone: ask for a path");
        }
        int authority = target.toLowerCase(Locale.ROOT).startsWith("http://")
                ? "http://".length()
                : target.toLowerCase(Locale.ROOT).startsWith("https://") ? "https://".length() : -1;
        int path = authority < 0 ? -1 : target.indexOf('/', authority);
        if (path <= authority) {
            return Malformed.badRequest("the target is neither a path nor an http URL with a path");
        }
        String host = request.getHeader(HttpHeaders.HOST);
        return host == null || host.equalsIgnoreCase(target.substring(authority, path))
                ? null
                : Malformed.badRequest("the target and the Host header name different hosts");
    }

    private static @Nullable Malformed faultOfPath(String path) {
        char before = ' ';
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                return faultOfEncoding("path", path) == null ? otherSpelling() : faultOfEncoding("path", path);
            }
            if (before == '/' && (c == '/' || c == '.')) {
                return otherSpelling();
            }
            before = c;
        }
        return before == '/' && path.length() > 1 ? otherSpelling() : null;
    }

    private static Malformed otherSpelling() {
        return Malformed.notFound("there is no such path: each has one spelling,"
                + " without percent-encoding, empty or dot segments, or a slash at its end");
    }

    private static @Nullable Malformed faultOfQuery(@Nullable String query) {
        return query == null ? null : faultOfEncoding("query", query);
    }

    private static @Nullable Malformed faultOfEncoding(String part, String text) {
        try {
            PercentEncoding.decode(text);
            return null;
        } catch (IllegalArgumentException e) {
            return Malformed.badRequest("the " + part + " is not percent-encoded correctly: " + e.getMessage());
        }
    }
}
