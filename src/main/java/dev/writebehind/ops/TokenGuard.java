package dev.writebehind.ops;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * The guard that lets only those in who show a token, but for health and for pages without data of their own.
 * Stateless.
 */
final class TokenGuard {
    private static final String SCHEME = "bearer ";

    private final Predicate<String> tokens;

    TokenGuard(Predicate<String> tokens) {
        this.tokens = tokens;
    }

    /** Whether a request may go on. */
    boolean admits(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        if (path.startsWith("/health/") || path.equals("/") || path.startsWith("/dashboard/")) {
            return true;
        }
        List<String> shown = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        if (shown.size() != 1) {
            return false;
        }
        String header = shown.get(0).strip();
        return header.toLowerCase(Locale.ROOT).startsWith(SCHEME)
                && tokens.test(header.substring(SCHEME.length()).strip());
    }
}
