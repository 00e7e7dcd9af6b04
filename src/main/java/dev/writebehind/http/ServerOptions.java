package dev.writebehind.http;

import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;

/** The options that all ports have in common. Stateless. */
public final class ServerOptions {
    /** Longest silence of a connection between two requests. */
    public static final Duration IDLE = Duration.ofSeconds(75);

    private ServerOptions() {}

    /**
     * Returns options that only need what is a port's own.
     *
     * @param idle longest silence of a connection, whatever is under way on it
     */
    public static HttpServerOptions of(String host, int port, Duration idle) {
        return new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setIdleTimeout((int) idle.toSeconds())
                // A port that may also have to speak HTTP/2 knows a connection by its first bytes only.
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                .setDecompressionSupported(false);
    }
}
