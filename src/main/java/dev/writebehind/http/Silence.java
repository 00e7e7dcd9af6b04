package dev.writebehind.http;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The longest silence of a connection: a short one by the server's options, until the connection is known to speak HTTP
 * and has deadlines of its own, which one of HTTP/2 is only when its settings have come. Stateless; called on the
 * connection's event loop.
 */
final class Silence {
    /** What Vert.x calls its handler. */
    private static final String HANDLER = "idle";

    private Silence() {}

    /** Allows a longer one from now on. */
    static void allow(HttpConnection connection, Duration longest) {
        if (connection instanceof ConnectionBase netty) {
            ChannelPipeline pipeline = netty.channel().pipeline();
            if (pipeline.get(HANDLER) != null) {
                pipeline.replace(
                        HANDLER, HANDLER, new IdleStateHandler(0, 0, longest.toMillis(), TimeUnit.MILLISECONDS));
            }
        }
    }
}
