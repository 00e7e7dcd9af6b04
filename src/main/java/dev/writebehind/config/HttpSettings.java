package dev.writebehind.config;

import java.time.Duration;

/**
 * The public HTTP port.
 *
 * @param port 0 to 65535; 0 picks a free one
 * @param maxBody largest request body taken
 * @param requestTimeout longest time a request may take to arrive whole
 */
public record HttpSettings(String host, int port, ByteSize maxBody, Duration requestTimeout) {
    public HttpSettings {
        Require.text("http.host", host);
        Require.between("http.port", port, 0, 65_535);
        Require.between("http.max-body", maxBody, ByteSize.ofKibibytes(1), ByteSize.ofMebibytes(1024));
        Require.between("http.request-timeout", requestTimeout, Duration.ofMillis(100), Duration.ofHours(1));
    }
}
