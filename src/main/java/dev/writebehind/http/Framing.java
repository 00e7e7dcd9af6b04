package dev.writebehind.http;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * The guard by which a server takes only requests that every parser reads alike, those of proxies in front included.
 * Confined to the server's event loop.
 */
public final class Framing {
    private final int longestLine;
    private final int longestFields;
    private final byte[] window = FramingHandler.window();

    /** Guards a server made with those options. */
    public Framing(HttpServerOptions options) {
        // Netty has the same bounds, but counts without line ends: what it refuses is refused here.
        this.longestLine = options.getMaxInitialLineLength();
        this.longestFields = options.getMaxHeaderSize();
    }

    /** Whether a connection speaks HTTP/2, whose frames leave nothing to read in two ways. */
    static boolean isHttp2(HttpConnection connection) {
        return connection instanceof ConnectionBase netty
                && netty.channel().pipeline().get(Http2ConnectionHandler.class) != null;
    }

    /** Guards a new connection, before its first byte is read; closes it where that can't be done. */
    public void guard(HttpConnection connection) {
        if (isHttp2(connection)) {
            return;
        }
        if (connection instanceof ConnectionBase netty) {
            ChannelPipeline pipeline = netty.channel().pipeline();
            HttpRequestDecoder decoder = pipeline.get(HttpRequestDecoder.class);
            if (decoder != null) {
                String name = pipeline.context(decoder).name();
                RequestScanner scanner = new RequestScanner(longestLine, longestFields);
                pipeline.addBefore(name, "framing", new FramingHandler(name, scanner, window));
                return;
            }
        }
        connection.close();
        throw new IllegalStateException("the framing of requests can't be checked on " + connection.getClass());
    }
}
