package dev.writebehind.http;

import dev.writebehind.config.ByteSize;
import dev.writebehind.tls.ServerCertificate;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The options that all ports have in common. Stateless. */
public final class ServerOptions {
    private static final Logger log = LoggerFactory.getLogger(ServerOptions.class);

    /** Longest silence of a connection between two requests. */
    public static final Duration IDLE = Duration.ofSeconds(75);

    private static final ByteSize MAX_HEADER = ByteSize.ofKibibytes(16);

    /** Requests side by side on a connection of HTTP/2, and what may be under way on it that nobody has read yet. */
    private static final int MAX_STREAMS = 100;

    private static final int CONNECTION_WINDOW = 64 * 1024;

    private ServerOptions() {}

    /**
     * Returns options that only need what is a port's own.
     *
     * @param idle longest silence of a connection, whatever is under way on it
     */
    public static HttpServerOptions of(String host, int port, Duration idle) {
        return of(host, port, idle, MAX_HEADER, null);
    }

    /**
     * As the other, with a bound for headers, and encrypted where there is a certificate.
     *
     * @param certificate null: there is none
     */
    public static HttpServerOptions of(
            String host, int port, Duration idle, ByteSize maxHeader, @Nullable ServerCertificate certificate) {
        int header = Math.toIntExact(maxHeader.bytes());
        HttpServerOptions options = new HttpServerOptions()
                .setMaxHeaderSize(header)
                .setInitialSettings(
                        new Http2Settings().setMaxConcurrentStreams(MAX_STREAMS).setMaxHeaderListSize(header))
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
                .setHost(host)
                .setPort(port)
                .setIdleTimeout((int) idle.toSeconds())
                // A port that may also have to speak HTTP/2 knows a connection by its first bytes only.
                .setHttp2ClearTextEnabled(false)
                // No port speaks WebSocket, and each request would be looked at for it.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setCompressionSupported(false)
                .setDecompressionSupported(false);
        return certificate == null ? options : certificate.addTo(options);
    }

    /** Has a server that listens take the certificate's changes, for connections that begin afterwards. */
    public static void follow(@Nullable ServerCertificate certificate, HttpServer server) {
        if (certificate != null) {
            certificate.onChange(changed -> server.updateSSLOptions(changed)
                    .onFailure(failure -> log.error("A changed certificate is not in force", failure)));
        }
    }
}
