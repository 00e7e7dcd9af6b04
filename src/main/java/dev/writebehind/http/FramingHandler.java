package dev.writebehind.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/**
 * The channel handler that stands before a connection's decoder and shows it what {@link RequestScanner} has found
 * sound, the bytes as they are; at the first fault it hands on, in the decoder's stead, a request or a part of a body
 * that could not be decoded, and nothing after it. Confined to the connection's event loop.
 */
final class FramingHandler extends ChannelDuplexHandler {
    private static final int WINDOW = 1024;

    private final String decoder;
    private final RequestScanner scanner;
    private final byte[] window;
    private boolean isRefused;

    /**
     * Creates a handler for one connection.
     *
     * @param decoder the name of the decoder that it stands before
     * @param window room for some bytes, used by one handler at a time
     */
    FramingHandler(String decoder, RequestScanner scanner, byte[] window) {
        this.decoder = decoder;
        this.scanner = scanner;
        this.window = window;
    }

    static byte[] window() {
        return new byte[WINDOW];
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(message);
            return;
        }
        if (isRefused) {
            bytes.release();
            return;
        }
        long begin = scanner.position();
        try {
            scan(bytes);
        } catch (MalformedRequestException fault) {
            refuse(ctx, bytes, begin, fault);
            return;
        }
        ctx.fireChannelRead(bytes);
    }

    private void scan(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            at += scanner.skipData(end - at);
            int length = Math.min(end - at, window.length);
            if (length > 0) {
                bytes.getBytes(at, window, 0, length);
                at += scanner.scan(window, 0, length);
            }
        }
    }

    private void refuse(ChannelHandlerContext ctx, ByteBuf bytes, long begin, MalformedRequestException fault) {
        isRefused = true;
        int sound = (int) Math.max(0, scanner.soundUntil() - begin);
        if (sound > 0) {
            ctx.fireChannelRead(bytes.readRetainedSlice(sound));
        }
        bytes.release();
        HttpObject broken = scanner.isInBody() ? new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER) : request();
        broken.setDecoderResult(DecoderResult.failure(fault));
        ChannelHandlerContext decoding = ctx.pipeline().context(decoder);
        if (decoding == null) {
            close(ctx, ctx.newPromise());
        } else {
            decoding.fireChannelRead(broken);
        }
    }

    private static HttpRequest request() {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/malformed");
        request.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        return request;
    }

    /** Sends first what is written: an answer to what could not be read would be lost with its connection. */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // it is the promise
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.flush();
        ctx.close(promise);
    }
}
