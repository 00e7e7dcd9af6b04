package dev.writebehind.contract;

import dev.writebehind.contract.Exchange.Answer;
import dev.writebehind.contract.Exchange.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * A tap at a server's connection, which reads along what goes either way and tells the exchanges; behind TLS where
 * there is any. What it can't read itself goes by untouched, HTTP/2 too. Confined to the connection's event loop.
 */
final class WireTap extends ChannelDuplexHandler {
    private static final int MAX_HEAD = 256 * 1024;
    private static final int PIECE = 64 * 1024;

    private final Consumer<Exchange> told;
    private final Consumer<Throwable> failed;
    private final EmbeddedChannel requests = new EmbeddedChannel(new HttpRequestDecoder(lax()));
    private final EmbeddedChannel answers = new EmbeddedChannel(new AnswerDecoder());
    private final Deque<Asked> open = new ArrayDeque<>();
    private Asked arriving;
    private HttpResponse answer;
    private Kept answerBody = new Kept();
    private boolean isOver;

    /**
     * Creates it for one connection.
     *
     * @param told is told each exchange, in order
     * @param failed is told why it stopped reading
     */
    WireTap(Consumer<Exchange> told, Consumer<Throwable> failed) {
        this.told = told;
        this.failed = failed;
    }

    private static HttpDecoderConfig lax() {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_HEAD)
                .setMaxHeaderSize(MAX_HEAD)
                .setMaxChunkSize(PIECE)
                .setHeadersFactory(DefaultHttpHeadersFactory.headersFactory().withValidation(false))
                .setTrailersFactory(DefaultHttpHeadersFactory.trailersFactory().withValidation(false));
    }

    /** A request whose answer has not ended. */
    private static final class Asked {
        private final HttpRequest head;
        private final Kept body = new Kept();
        private boolean isWhole;
        private boolean hasHead;
        private boolean isBroken;

        Asked(HttpRequest head) {
            this.head = head;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (tls != null && !isBehind(tls, ctx)) {
            String name = ctx.pipeline().context(tls).name();
            ctx.pipeline().addAfter(name, null, new WireTap(told, failed)).remove(this);
            isOver = true;
        }
        isOver |= isHttp2(tls);
        tap(message, requests, this::asked);
        super.channelRead(ctx, message);
    }

    private static boolean isHttp2(SslHandler tls) {
        return tls != null && "h2".equals(tls.applicationProtocol());
    }

    private static boolean isBehind(SslHandler tls, ChannelHandlerContext ctx) {
        List<String> names = ctx.pipeline().names();
        return names.indexOf(ctx.name())
                > names.indexOf(ctx.pipeline().context(tls).name());
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        isOver |= isHttp2(ctx.pipeline().get(SslHandler.class));
        tap(message, answers, this::answered);
        super.write(ctx, message, promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        if (!isOver) {
            isOver = true;
            if (answer != null && answer.status().code() >= 200) {
                tell(null);
            }
            requests.finishAndReleaseAll();
            answers.finishAndReleaseAll();
        }
        super.channelInactive(ctx);
    }

    private void tap(Object message, EmbeddedChannel reader, Consumer<HttpObject> next) {
        if (isOver || !(message instanceof ByteBuf bytes)) {
            return;
        }
        try {
            reader.writeInbound(Unpooled.copiedBuffer(bytes));
            for (Object read = reader.readInbound(); read != null; read = reader.readInbound()) {
                try {
                    next.accept((HttpObject) read);
                } finally {
                    ReferenceCountUtil.release(read);
                }
            }
        } catch (RuntimeException e) {
            isOver = true;
            failed.accept(e);
        }
    }

    private void asked(HttpObject part) {
        if (part instanceof HttpRequest head) {
            arriving = new Asked(head);
            open.add(arriving);
        }
        if (arriving == null) {
            return;
        }
        boolean isBroken = part.decoderResult().isFailure();
        arriving.isBroken |= isBroken;
        arriving.hasHead |= part instanceof HttpRequest && !isBroken;
        if (part instanceof HttpContent content) {
            arriving.body.add(content.content());
        }
        if (part instanceof LastHttpContent) {
            arriving.isWhole = true;
        }
    }

    private void answered(HttpObject part) {
        if (part instanceof HttpResponse head) {
            answer = head;
            answerBody = new Kept();
        }
        if (part instanceof HttpContent content) {
            answerBody.add(content.content());
        }
        if (part instanceof LastHttpContent) {
            if (answer.status().code() >= 200) {
                tell(answerBody.bytes());
            }
            answer = null;
        }
    }

    private void tell(Buffer body) {
        Asked asked = open.poll();
        Request request = asked == null || !asked.hasHead
                ? null
                : new Request(
                        asked.head.method().name(),
                        asked.head.uri(),
                        asked.head.headers(),
                        asked.isWhole && !asked.isBroken ? asked.body.bytes() : null);
        told.accept(new Exchange(request, new Answer(answer.status().code(), answer.headers(), body)));
    }

    /** The bodies of answers to HEAD are empty whatever their length says. */
    private final class AnswerDecoder extends HttpResponseDecoder {
        AnswerDecoder() {
            super(lax());
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpMessage message) {
            Asked asked = open.peek();
            return super.isContentAlwaysEmpty(message)
                    || (asked != null && asked.head.method().name().equals("HEAD"));
        }
    }

    /** The beginning of a body, and whether it is all of it. */
    private static final class Kept {
        private static final int MAX_BYTES = 512 * 1024;

        private Buffer bytes = Buffer.buffer();
        private boolean isCut;

        void add(ByteBuf more) {
            isCut |= more.readableBytes() > MAX_BYTES - bytes.length();
            bytes = isCut ? Buffer.buffer() : bytes.appendBytes(ByteBufUtil.getBytes(more));
        }

        /** Returns all of it; null: it was too much. */
        Buffer bytes() {
            return isCut ? null : bytes;
        }
    }
}
