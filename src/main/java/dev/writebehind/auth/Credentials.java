package dev.writebehind.auth;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;

/** The credentials that a request shows; immutable. A header goes before cookies, which browsers send unasked. */
sealed interface Credentials {
    String HEADER_AND_PAYLOAD_COOKIE = "edx-jwt-cookie-header-payload";
    String SIGNATURE_COOKIE = "edx-jwt-cookie-signature";

    /** Nothing that could be taken. */
    record None() implements Credentials {}

    /** {@code Authorization: Bearer …}. */
    record Bearer(String token) implements Credentials {
        @Override
        public String toString() {
            return "Bearer ***";
        }
    }

    /** {@code Authorization: JWT …}. */
    record Jwt(String token) implements Credentials {
        @Override
        public String toString() {
            return "JWT ***";
        }
    }

    /** The LMS's two cookies, joined. */
    record JwtCookies(String token) implements Credentials {
        @Override
        public String toString() {
            return "cookies ***";
        }
    }

    static Credentials of(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header != null) {
            return ofHeader(header);
        }
        List<String> cookies = request.headers().getAll(HttpHeaders.COOKIE);
        String payload = RequestCookies.find(cookies, HEADER_AND_PAYLOAD_COOKIE);
        String signature = RequestCookies.find(cookies, SIGNATURE_COOKIE);
        return payload == null || signature == null ? new None() : new JwtCookies(payload + "." + signature);
    }

    static Credentials ofHeader(String header) {
        String text = header.strip();
        int space = text.indexOf(' ');
        String scheme = space < 0 ? text : text.substring(0, space);
        String token = space < 0 ? "" : text.substring(space + 1).strip();
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "bearer" -> new Bearer(token);
            case "jwt" -> new Jwt(token);
            default -> new None();
        };
    }
}
