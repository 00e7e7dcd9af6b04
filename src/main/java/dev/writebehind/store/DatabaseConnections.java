package dev.writebehind.store;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseTlsSettings.Mode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.SslMode;
import io.vertx.mysqlclient.impl.MySQLCollation;
import io.vertx.mysqlclient.impl.MySQLConnectionFactory;
import io.vertx.mysqlclient.impl.MySQLSocketConnection;
import io.vertx.mysqlclient.impl.command.InitialHandshakeCommand;
import io.vertx.mysqlclient.impl.protocol.CapabilitiesFlag;
import io.vertx.sqlclient.internal.Connection;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The factory of serving's connections. The client's own logs in without encryption after whatever failure with it, and
 * asks for encryption where the server offers none; this one does neither. Safe for any event loop.
 */
final class DatabaseConnections extends MySQLConnectionFactory {
    private static final int CAPABILITIES = CapabilitiesFlag.CLIENT_SUPPORTED_CAPABILITIES_FLAGS
            | CapabilitiesFlag.CLIENT_CONNECT_WITH_DB
            | CapabilitiesFlag.CLIENT_CONNECT_ATTRS
            | CapabilitiesFlag.CLIENT_FOUND_ROWS;

    private final DatabaseSettings settings;
    private final boolean hasFiles;
    private volatile @Nullable Prepared prepared;

    DatabaseConnections(VertxInternal vertx, NetClientOptions transport, DatabaseSettings settings) {
        super(vertx, transport);
        this.settings = settings;
        this.hasFiles = settings.tls().ca() != null || settings.tls().certificate() != null;
    }

    /** The client's options, and what they were made of; immutable. The client prepares each once. */
    private record Prepared(DatabaseTls tls, ClientSSLOptions options) {}

    @Override
    protected Future<Connection> doConnectInternal(MySQLConnectOptions options, ContextInternal context) {
        return encryption()
                .compose(tls -> client.connect(new ConnectOptions().setRemoteAddress(options.getSocketAddress()))
                        .compose(socket -> logIn((NetSocketInternal) socket, tls.orElse(null), options, context)))
                .recover(failure -> Future.failedFuture(explained(failure)));
    }

    private Throwable explained(Throwable failure) {
        UnfitSchemaException refusal =
                DatabaseTls.refusal(failure, settings.tls().mode());
        if (refusal != null && refusal != failure) {
            refusal.addSuppressed(failure);
        }
        return refusal == null ? failure : refusal;
    }

    /** Files may have changed since the last connection. */
    private Future<Optional<ClientSSLOptions>> encryption() {
        if (settings.tls().mode() == Mode.DISABLED) {
            return Future.succeededFuture(Optional.empty());
        }
        Prepared present = prepared;
        return present != null && !hasFiles
                ? Future.succeededFuture(Optional.of(present.options()))
                : Blocking.callApart(vertx, () -> Optional.of(prepare()));
    }

    private ClientSSLOptions prepare() {
        DatabaseTls now =
                DatabaseTls.read(settings.tls(), settings.requiredUri().host());
        Prepared before = prepared;
        if (before != null && before.tls().equals(now)) {
            return before.options();
        }
        Set<String> protocols = new LinkedHashSet<>(List.of(DatabaseTls.PROTOCOLS.split(",", -1)));
        ClientSSLOptions options = new ClientSSLOptions()
                .setEnabledSecureTransportProtocols(protocols)
                .setTrustOptions(TrustOptions.wrap(now.trust()))
                // ServerTrust looks at the names.
                .setHostnameVerificationAlgorithm("");
        X509ExtendedKeyManager own = now.keyManager();
        if (own != null) {
            options.setKeyCertOptions(KeyCertOptions.wrap(own));
        }
        prepared = new Prepared(now, options);
        return options;
    }

    private Future<Connection> logIn(
            NetSocketInternal socket,
            @Nullable ClientSSLOptions tls,
            MySQLConnectOptions options,
            ContextInternal context) {
        MySQLSocketConnection connection = new MySQLSocketConnection(
                socket,
                null,
                options,
                options.getCachePreparedStatements(),
                options.getPreparedStatementCacheMaxSize(),
                options.getPreparedStatementCacheSqlFilter(),
                options.getPipeliningLimit(),
                context);
        connection.init();
        LoginGuard guard = LoginGuard.before(socket, settings.tls(), tls != null);
        Promise<Connection> loggedIn = Promise.promise();
        connection.schedule(
                new InitialHandshakeCommand(
                        connection,
                        options.getUser(),
                        options.getPassword(),
                        options.getDatabase(),
                        MySQLCollation.valueOfName(
                                MySQLCollation.getDefaultCollationFromCharsetName(options.getCharset())),
                        options.getServerRsaPublicKeyValue(),
                        options.getProperties(),
                        tls == null ? SslMode.DISABLED : SslMode.PREFERRED,
                        tls,
                        CAPABILITIES,
                        StandardCharsets.UTF_8,
                        options.getAuthenticationPlugin()),
                loggedIn);
        return loggedIn.future().recover(failure -> {
            socket.close();
            UnfitSchemaException fault = guard.fault();
            return Future.failedFuture(fault == null ? failure : fault);
        });
    }
}
