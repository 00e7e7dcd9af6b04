package dev.writebehind.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import org.jspecify.annotations.Nullable;

/**
 * The check of an HTTP/2 request's fields for what {@link RequestScanner} checks in HTTP/1, so that both say the same:
 * the host stands in the Host header, and what may come once does. Stateless.
 */
final class Http2Fields {
    private Http2Fields() {}

    /** Puts the authority into the Host header. Returns what is wrong with the fields; null: nothing. */
    static @Nullable Malformed settle(HttpServerRequest request) {
        MultiMap headers = request.headers();
        for (String name : headers.names()) {
            if (name.indexOf('_') >= 0 && SingleFields.NAMES.contains(name.replace('_', '-'))) {
                return Malformed.notHttp("the headers are wrong: " + name + " is not taken in this spelling");
            }
        }
        for (String name : SingleFields.NAMES) {
            if (headers.getAll(name).size() > 1) {
                return Malformed.notHttp("the headers are wrong: there are two " + name);
            }
        }
        HostAndPort authority = request.authority();
        if (authority == null) {
            return Malformed.notHttp("the headers are wrong: host is missing");
        }
        String host = authority.toString();
        String named = headers.get(HttpHeaders.HOST);
        if (named != null && !named.equalsIgnoreCase(host)) {
            return Malformed.notHttp("the headers are wrong: host and :authority name different hosts");
        }
        for (int i = 0; i < host.length(); i++) {
            if (host.charAt(i) > '~' || !Octets.is(Octets.HOST, (byte) host.charAt(i))) {
                return Malformed.notHttp("the headers are wrong: host is not a host name with or without a port");
            }
        }
        headers.set(HttpHeaders.HOST, host);
        return null;
    }
}
