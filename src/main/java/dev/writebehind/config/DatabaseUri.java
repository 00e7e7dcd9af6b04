package dev.writebehind.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * The address of the database, written {@code mysql://user:password@host:port/schema} with user and password
 * percent-encoded; immutable. Its text form never shows the password.
 *
 * @param port 1 to 65535
 */
public record DatabaseUri(String user, String password, String host, int port, String schema) {
    private static final int DEFAULT_PORT = 3306;
    private static final String FORM = "write it as mysql://user:password@host:port/schema";

    @JsonCreator(mode = JsonCreator.Mode.DISABLED)
    public DatabaseUri {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("its port must be between 1 and 65535, was " + port);
        }
    }

    /** Returns the URI written so. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static DatabaseUri parse(String text) {
        URI uri = read(text.strip());
        if (!"mysql".equals(uri.getScheme()) && !"mariadb".equals(uri.getScheme())) {
            throw new IllegalArgumentException("its scheme must be mysql: " + FORM);
        }
        String userInfo = uri.getRawUserInfo();
        String path = uri.getPath();
        if (uri.getHost() == null || userInfo == null || path == null || path.length() < 2) {
            throw new IllegalArgumentException("it must name user, host and schema: " + FORM);
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "it takes no parameters (encryption is set by database.tls.mode): " + FORM);
        }
        int colon = userInfo.indexOf(':');
        String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
        String password = colon < 0 ? "" : userInfo.substring(colon + 1);
        int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
        return new DatabaseUri(decode(user), decode(password), unbracketed(uri.getHost()), port, path.substring(1));
    }

    private static URI read(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "it is not a valid URI (are special characters in the password percent-encoded?): " + FORM, e);
        }
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Returns the URI without its password, fit for logs. */
    @Override
    public String toString() {
        return "mysql://" + user + ":***@" + host + ":" + port + "/" + schema;
    }
}
