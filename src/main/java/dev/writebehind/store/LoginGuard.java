package dev.writebehind.store;

import dev.writebehind.config.DatabaseTlsSettings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.net.NetSocketInternal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The channel handler that reads a server's packets until a login is over, and hangs up before anything secret is said
 * where the server offers no encryption but must, or asks for the password in clear. Confined to its connection's event
 * loop.
 */
final class LoginGuard extends ChannelInboundHandlerAdapter {
    private static final int HEADER = 4;
    private static final int OK = 0x00;
    private static final int ERROR = 0xff;
    private static final int SWITCH = 0xfe;
    private static final int TLS = 0x0800;
    private static final String CLEAR_PASSWORD = "mysql_clear_password";

    private final DatabaseTlsSettings settings;
    private final boolean mayEncrypt;
    private boolean isGreeted;
    private boolean isEncrypting;
    private @Nullable UnfitSchemaException fault;

    private LoginGuard(DatabaseTlsSettings settings, boolean mayEncrypt) {
        this.settings = settings;
        this.mayEncrypt = mayEncrypt;
    }

    /**
     * Puts a guard before the client, on a connection from which nothing has been read.
     *
     * @param mayEncrypt whether the client encrypts where the server offers it
     */
    static LoginGuard before(NetSocketInternal socket, DatabaseTlsSettings settings, boolean mayEncrypt) {
        LoginGuard guard = new LoginGuard(settings, mayEncrypt);
        socket.channelHandlerContext().pipeline().addAfter("packetDecoder", "login", guard);
        return guard;
    }

    /** Returns why it hung up; null: it did not. */
    @Nullable
    UnfitSchemaException fault() {
        return fault;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // of a connection that is given up
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf packet && fault == null) {
            fault = isGreeted ? faultOfAnswer(ctx, packet) : faultOfGreeting(packet);
            isGreeted = true;
        }
        if (fault == null) {
            ctx.fireChannelRead(message);
        } else {
            ReferenceCountUtil.release(message);
            ctx.close();
        }
    }

    private @Nullable UnfitSchemaException faultOfGreeting(ByteBuf packet) {
        int at = packet.readerIndex() + HEADER;
        if (packet.getUnsignedByte(at) == ERROR) {
            return null;
        }
        int version = packet.bytesBefore(at + 1, packet.writerIndex() - at - 1, (byte) 0);
        // Behind the version: number of the connection, eight bytes of salt, a zero.
        int capabilities = at + 1 + version + 1 + 4 + 8 + 1;
        if (version < 0 || capabilities + 2 > packet.writerIndex()) {
            return null;
        }
        boolean isOffered = (packet.getUnsignedShortLE(capabilities) & TLS) != 0;
        if (settings.isRequired() && !isOffered) {
            return DatabaseTls.notOffered(settings.mode());
        }
        isEncrypting = mayEncrypt && isOffered;
        return faultOfPlugin(packet);
    }

    private @Nullable UnfitSchemaException faultOfAnswer(ChannelHandlerContext ctx, ByteBuf packet) {
        if (isEncrypting && !isEncrypted(ctx)) {
            return new UnfitSchemaException("serving's own client can't work with the database: it was answered in"
                    + " clear after it had asked for encryption, which an impostor would do");
        }
        int kind = packet.getUnsignedByte(packet.readerIndex() + HEADER);
        if (kind == OK || kind == ERROR) {
            ctx.pipeline().remove(this);
        }
        return kind == SWITCH ? faultOfPlugin(packet) : null;
    }

    /** The client would take in what comes in clear until then. */
    private static boolean isEncrypted(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        return tls != null && tls.handshakeFuture().isSuccess();
    }

    /** The client would say it to whoever asks. */
    private static @Nullable UnfitSchemaException faultOfPlugin(ByteBuf packet) {
        return packet.toString(StandardCharsets.ISO_8859_1).contains(CLEAR_PASSWORD)
                ? new UnfitSchemaException("serving's own client can't work with the database: it asks for the password"
                        + " in clear (" + CLEAR_PASSWORD + "), which an impostor would do. The account needs another: "
                        + Refusal.PLUGINS)
                : null;
    }
}
