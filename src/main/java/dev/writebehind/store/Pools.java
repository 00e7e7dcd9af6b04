package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.util.concurrent.TimeUnit;

/** Makes connection pools from the settings; stateless. */
final class Pools {
    private Pools() {}

    /**
     * Returns a pool for the current context. A connection on which the server is silent for the timeout is closed,
     * which fails its command: the client has no timeout of its own and would keep the connection for ever.
     */
    static Pool create(Vertx vertx, DatabaseSettings settings, int size) {
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
        int millis = Math.toIntExact(settings.timeout().toMillis());
        NetClientOptions net = new NetClientOptions()
                .setConnectTimeout(millis)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setReadIdleTimeout(millis)
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true);
        PoolOptions pool = new PoolOptions()
                .setMaxSize(size)
                .setConnectionTimeout(millis)
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS);
        return MySQLBuilder.pool()
                .with(pool)
                .with(net)
                .connectingTo(connect)
                .using(vertx)
                .build();
    }
}
