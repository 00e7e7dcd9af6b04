package dev.writebehind.auth;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The check that a request with cookies comes from a page that may send it, by Django's rule, so that what the LMS
 * takes is taken here: the page's origin, and a token that other sites can't read. Immutable.
 *
 * <p>The rule is that of {@code django.middleware.csrf.CsrfViewMiddleware} (5.2), where every Host is allowed, the
 * cookie has no domain and {@code X-Forwarded-Proto} tells of TLS in front, as in the LMS's production settings. Two
 * things are stricter: the token is taken from the header alone, and a wildcard matches only what a browser can send
 * for a host (Django's also matches {@code https://evil.example:1.trusted.example}).
 */
final class CsrfCheck {
    private static final Set<HttpMethod> SAFE =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.TRACE);
    private static final String COOKIE = "csrftoken";
    private static final String HEADER = "x-csrftoken";

    private static final Pattern HOST = Pattern.compile("([a-z0-9.-]+|\\[[a-f0-9]*:[a-f0-9.:]+])(:[0-9]+)?");
    private static final Pattern OF_A_BROWSER = Pattern.compile("[A-Za-z0-9._-]+(:[0-9]{1,5})?");

    private final Set<String> origins = new HashSet<>();
    private final List<SiteOfUrl> wildcards = new ArrayList<>();
    private final List<String> hosts = new ArrayList<>();

    /** @param trustedOrigins as in {@code auth.jwt.trusted-origins}: {@code https://host}, {@code https://*.host} */
    CsrfCheck(List<String> trustedOrigins) {
        for (String trusted : trustedOrigins) {
            String origin = trusted.toLowerCase(Locale.ROOT);
            int host = origin.indexOf("//") + 2;
            boolean wildcard = origin.startsWith("*", host);
            String pattern = origin.substring(wildcard ? host + 1 : host);
            hosts.add(pattern);
            if (wildcard) {
                wildcards.add(new SiteOfUrl(origin.substring(0, host - 3), pattern));
            } else {
                origins.add(origin);
            }
        }
    }

    /** Returns what is wrong, in Django's words; null: nothing. */
    @Nullable
    String fault(HttpServerRequest request) {
        return fault(request.method(), request.headers(), request.isSSL());
    }

    @Nullable
    String fault(HttpMethod method, MultiMap headers, boolean tls) {
        if (SAFE.contains(method)) {
            return null;
        }
        String fault = faultOfPage(headers, tls);
        return fault == null ? faultOfToken(headers) : fault;
    }

    private @Nullable String faultOfPage(MultiMap headers, boolean tls) {
        boolean secure = isSecure(headers, tls);
        String own = ownHost(headers);
        String origin = joined(headers, HttpHeaders.ORIGIN);
        if (origin != null) {
            boolean trusted = (own != null && origin.equals((secure ? "https://" : "http://") + own))
                    || origins.contains(origin)
                    || matchesWildcard(origin);
            return trusted ? null : "Origin checking failed - " + origin + " does not match any trusted origins.";
        }
        if (!secure) {
            return null;
        }
        String referer = joined(headers, HttpHeaders.REFERER);
        if (referer == null) {
            return "Referer checking failed - no Referer.";
        }
        SiteOfUrl page = SiteOfUrl.of(referer);
        if (page == null || page.scheme().isEmpty() || page.authority().isEmpty()) {
            return "Referer checking failed - Referer is malformed.";
        }
        if (!page.scheme().equals("https")) {
            return "Referer checking failed - Referer is insecure while host is secure.";
        }
        boolean trusted = hosts.stream().anyMatch(host -> isSameDomain(page.authority(), host))
                || (own != null && page.authority().equals(own.toLowerCase(Locale.ROOT)));
        return trusted ? null : "Referer checking failed - " + referer + " does not match any trusted origins.";
    }

    /** Whoever ends TLS in front says so; a page of another site can't make a browser send that header. */
    private static boolean isSecure(MultiMap headers, boolean tls) {
        String forwarded = joined(headers, "x-forwarded-proto");
        return forwarded == null ? tls : forwarded.split(",", 2)[0].strip().equals("https");
    }

    /** Returns the host that the request is for, as spelled; null: it names none that is one. */
    private static @Nullable String ownHost(MultiMap headers) {
        String host = joined(headers, HttpHeaders.HOST);
        return host != null && HOST.matcher(host.toLowerCase(Locale.ROOT)).matches() ? host : null;
    }

    private boolean matchesWildcard(String origin) {
        SiteOfUrl page = SiteOfUrl.of(origin);
        return page != null
                && wildcards.stream()
                        .anyMatch(trusted -> trusted.scheme().equals(page.scheme())
                                && isSameDomain(page.authority(), trusted.authority()));
    }

    /** Django's {@code is_same_domain}: a pattern with a dot in front matches the host after it and those below. */
    private static boolean isSameDomain(String host, String pattern) {
        if (!pattern.startsWith(".")) {
            return host.equals(pattern);
        }
        return OF_A_BROWSER.matcher(host).matches() && (host.endsWith(pattern) || host.equals(pattern.substring(1)));
    }

    private static @Nullable String faultOfToken(MultiMap headers) {
        String cookie = RequestCookies.find(headers.getAll(HttpHeaders.COOKIE), COOKIE);
        if (cookie == null) {
            return "CSRF cookie not set.";
        }
        String fault = CsrfToken.fault(cookie);
        if (fault != null) {
            return "CSRF cookie " + fault + ".";
        }
        String header = joined(headers, HEADER);
        if (header == null) {
            return "CSRF token missing.";
        }
        fault = CsrfToken.fault(header);
        if (fault == null && !CsrfToken.match(header, cookie)) {
            fault = "incorrect";
        }
        return fault == null ? null : "CSRF token from the 'X-Csrftoken' HTTP header " + fault + ".";
    }

    /** Returns a header as WSGI hands it to Django: several with one name are one list. */
    private static @Nullable String joined(MultiMap headers, CharSequence name) {
        List<String> values = headers.getAll(name);
        return values.isEmpty() ? null : String.join(",", values);
    }
}
