package dev.writebehind.ops;

import dev.writebehind.config.Loopback;
import dev.writebehind.config.ManagementSettings;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The guard that keeps web pages off the management port, which a browser beside it reaches: pages of other sites by
 * what the browser tells of them, and pages that make their own name point here by that name. Stateless.
 */
final class PageGuard {
    private static final String HEALTH = "/health/";
    private static final String METRICS = "/metrics";
    private static final String PAGE = "/";
    private static final String SEC_FETCH_SITE = "sec-fetch-site";
    private static final String SEC_FETCH_MODE = "sec-fetch-mode";
    /** From the port's own pages, or typed by whoever sits there. */
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private final Set<String> names = new HashSet<>();
    private final boolean isLocal;

    PageGuard(ManagementSettings settings) {
        isLocal = Loopback.is(settings.host());
        names.add(withoutBrackets(settings.host().toLowerCase(Locale.ROOT)));
        settings.hosts().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    }

    /** Returns why a request is refused; null: it is not. */
    @Nullable
    String fault(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        // Probes, and Prometheus where it scrapes from elsewhere, name whatever host they are told to.
        if (path.startsWith(HEALTH) || (path.equals(METRICS) && !isLocal)) {
            return null;
        }
        String host = request.getHeader(HttpHeaders.HOST);
        if (host != null && !host.isEmpty() && !isKnown(host.toLowerCase(Locale.ROOT))) {
            return "the Host header names another host: use an address, or add the name to management.hosts";
        }
        // A link to the page itself, from a chat or a chart, may be followed: it shows nothing to where it came from.
        if (path.equals(PAGE) && "navigate".equals(request.getHeader(SEC_FETCH_MODE))) {
            return null;
        }
        String site = request.getHeader(SEC_FETCH_SITE);
        if (site != null && !OWN_SITES.contains(site)) {
            return "a page of another site may not ask for this (Sec-Fetch-Site)";
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null && !isOwn(origin, String.valueOf(host))) {
            return "a page of another site may not ask for this (Origin)";
        }
        return null;
    }

    private boolean isKnown(String hostAndPort) {
        int end = hostAndPort.startsWith("[") ? hostAndPort.indexOf(']') + 1 : hostAndPort.lastIndexOf(':');
        String host = withoutBrackets(end > 0 ? hostAndPort.substring(0, end) : hostAndPort);
        if (Loopback.is(host) || names.contains(host)) {
            return true;
        }
        return !isLocal && (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host));
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** Behind a proxy that ends TLS, the page's scheme is another one. */
    private static boolean isOwn(String origin, String host) {
        return origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
    }
}
