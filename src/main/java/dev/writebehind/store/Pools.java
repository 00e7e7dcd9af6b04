package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.sqlclient.ClientBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The factory of connection pools, by the settings; stateless. */
final class Pools {
    private static final Logger log = LoggerFactory.getLogger(Pools.class);

    /** The pool looks for idle connections once a second; a second more for its being late. */
    private static final int IDLE_MARGIN_MILLIS = 2_000;

    private Pools() {}

    /**
     * Returns a pool for the current context, whose connections are prepared before they are used. A connection on
     * which the server is silent is closed, which fails its command: the client has no timeout of its own and would
     * keep the connection for ever. That silence also counts while no command is out; so a connection is closed by the
     * pool when it has been idle for {@code database.timeout}, and by the socket after twice that, which leaves any
     * command the whole timeout. Whoever asks waits for {@code database.timeout} only.
     *
     * @param name what meters call it; several may share it
     */
    static Pool create(Vertx vertx, String name, DatabaseSettings settings, int size) {
        int silence = 2 * Math.toIntExact(settings.timeout().toMillis()) + IDLE_MARGIN_MILLIS;
        return builder(name, settings, size, silence)
                .withConnectHandler(Pools::prepare)
                .using(vertx)
                .build();
    }

    /**
     * Returns a pool for that many sessions, and as many that are just being ended. Their connections are prepared by
     * whoever takes them, and closed when the server has been silent for {@code database.timeout}.
     */
    static Pool createForSessions(Vertx vertx, DatabaseSettings settings, int sessions) {
        return builder(
                        "flush",
                        settings,
                        2 * sessions,
                        Math.toIntExact(settings.timeout().toMillis()))
                .using(vertx)
                .build();
    }

    private static ClientBuilder<Pool> builder(String name, DatabaseSettings settings, int size, int silenceMillis) {
        DatabaseUri uri = settings.requiredUri();
        MySQLConnectOptions connect = new MySQLConnectOptions()
                .setHost(uri.host())
                .setPort(uri.port())
                .setUser(uri.user())
                .setPassword(uri.password())
                .setDatabase(uri.schema())
                .setCharset("utf8mb4")
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheSqlLimit(Integer.MAX_VALUE);
        PublicKeyRetrieval.restrict(connect, settings);
        int millis = Math.toIntExact(settings.timeout().toMillis());
        NetClientOptions net = new NetClientOptions()
                .setConnectTimeout(millis)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setReadIdleTimeout(silenceMillis)
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true)
                // Vert.x's native transport would else have the kernel hold back what a server waits for: 200 ms a
                // login.
                .setTcpQuickAck(true);
        PoolOptions pool = new PoolOptions()
                .setName(name)
                .setMaxSize(size)
                .setIdleTimeout(millis)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setConnectionTimeout(millis)
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS);
        return ClientBuilder.pool(new DatabaseDriver(settings))
                .with(pool)
                .with(net)
                .connectingTo(connect);
    }

    /** Hands the new connection to the pool once its session is set; else ends it, so that nobody ever uses it. */
    private static void prepare(SqlConnection connection) {
        SessionSettings.apply(connection).onComplete(set -> {
            if (set.succeeded()) {
                connection.close();
            } else {
                log.warn(
                        "A connection to the database is not used: {}",
                        String.valueOf(set.cause().getMessage()));
                connection.query("KILL CONNECTION_ID()").execute();
            }
        });
    }
}
