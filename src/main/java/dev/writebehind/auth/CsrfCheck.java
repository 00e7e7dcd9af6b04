package dev.writebehind.auth;

import io.vertx.core.MultiMap;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request with cookies comes from a page that may send it, by Django's rule, so that what the LMS takes is
 * taken here: the page's origin, and a token that other sites can't read. Stateless.
 */
final class CsrfCheck {
    private static final Set<HttpMethod> SAFE =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.TRACE);
    private static final String COOKIE = "csrftoken";
    private static final String HEADER = "x-csrftoken";
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static final int SECRET_LENGTH = 32;

    private final List<String> trustedOrigins;

    CsrfCheck(List<String> trustedOrigins) {
        this.trustedOrigins = trustedOrigins;
    }

    /** Returns what is wrong, in Django's words; null: nothing. */
    @Nullable
    String fault(HttpServerRequest request) {
        if (SAFE.contains(request.method())) {
            return null;
        }
        String fault = faultOfPage(request);
        return fault == null ? faultOfToken(request) : fault;
    }

    private @Nullable String faultOfPage(HttpServerRequest request) {
        MultiMap headers = request.headers();
        boolean secure = isSecure(request);
        String origin = headers.get(HttpHeaders.ORIGIN);
        if (origin != null) {
            boolean trusted = origin.equalsIgnoreCase(ownOrigin(request, secure)) || isTrusted(origin);
            return trusted ? null : "Origin checking failed - " + origin + " does not match any trusted origins.";
        }
        if (!secure) {
            return null;
        }
        String referer = headers.get(HttpHeaders.REFERER);
        if (referer == null) {
            return "Referer checking failed - no Referer.";
        }
        String page = originOf(referer);
        if (page == null) {
            return "Referer checking failed - Referer is malformed.";
        }
        if (!page.startsWith("https://")) {
            return "Referer checking failed - Referer is insecure while host is secure.";
        }
        boolean trusted = page.equalsIgnoreCase(ownOrigin(request, true)) || isTrusted(page);
        return trusted ? null : "Referer checking failed - " + referer + " does not match any trusted origins.";
    }

    /** Whoever ends TLS in front says so; a page of another site can't make a browser send that header. */
    private static boolean isSecure(HttpServerRequest request) {
        return request.isSSL() || "https".equalsIgnoreCase(request.getHeader("x-forwarded-proto"));
    }

    private static @Nullable String ownOrigin(HttpServerRequest request, boolean secure) {
        HostAndPort host = request.authority();
        if (host == null) {
            return null;
        }
        int usual = secure ? 443 : 80;
        String port = host.port() < 0 || host.port() == usual ? "" : ":" + host.port();
        return (secure ? "https://" : "http://") + host.host() + port;
    }

    private boolean isTrusted(String origin) {
        String page = origin.toLowerCase(Locale.ROOT);
        for (String trusted : trustedOrigins) {
            String pattern = trusted.toLowerCase(Locale.ROOT);
            int star = pattern.indexOf("//*.");
            boolean matches = star < 0
                    ? page.equals(pattern)
                    : page.startsWith(pattern.substring(0, star + 2)) && page.endsWith(pattern.substring(star + 3));
            if (matches) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String originOf(String referer) {
        try {
            URI uri = URI.create(referer);
            if (uri.getScheme() == null || uri.getHost() == null) {
                return null;
            }
            String port = uri.getPort() < 0 || uri.getPort() == 443 ? "" : ":" + uri.getPort();
            return uri.getScheme().toLowerCase(Locale.ROOT) + "://" + uri.getHost() + port;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable String faultOfToken(HttpServerRequest request) {
        Cookie cookie = request.getCookie(COOKIE);
        if (cookie == null) {
            return "CSRF cookie not set.";
        }
        String expected = unmasked(cookie.getValue());
        if (expected == null) {
            return "CSRF cookie is malformed.";
        }
        String header = request.getHeader(HEADER);
        if (header == null) {
            return "CSRF token missing.";
        }
        String shown = unmasked(header);
        boolean equal = shown != null
                && MessageDigest.isEqual(
                        shown.getBytes(StandardCharsets.US_ASCII), expected.getBytes(StandardCharsets.US_ASCII));
        return equal ? null : "CSRF token from the 'X-Csrftoken' HTTP header incorrect.";
    }

    /** Returns the secret in a token, which Django shows either plain or, against BREACH, behind a mask; null: none. */
    static @Nullable String unmasked(String token) {
        if (token.chars().anyMatch(c -> ALPHABET.indexOf(c) < 0)) {
            return null;
        }
        if (token.length() == SECRET_LENGTH) {
            return token;
        }
        if (token.length() != 2 * SECRET_LENGTH) {
            return null;
        }
        StringBuilder secret = new StringBuilder(SECRET_LENGTH);
        for (int i = 0; i < SECRET_LENGTH; i++) {
            int mask = ALPHABET.indexOf(token.charAt(i));
            int masked = ALPHABET.indexOf(token.charAt(SECRET_LENGTH + i));
            secret.append(ALPHABET.charAt(Math.floorMod(masked - mask, ALPHABET.length())));
        }
        return secret.toString();
    }
}
