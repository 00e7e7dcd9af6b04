package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.NetClientOptions;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.spi.MySQLDriver;
import io.vertx.sqlclient.spi.ConnectionFactory;

/** The client's driver, with {@link DatabaseConnections} for its connections. Immutable. */
final class DatabaseDriver extends MySQLDriver {
    private final DatabaseSettings settings;

    DatabaseDriver(DatabaseSettings settings) {
        this.settings = settings;
    }

    @Override
    public ConnectionFactory<MySQLConnectOptions> createConnectionFactory(Vertx vertx, NetClientOptions transport) {
        return new DatabaseConnections((VertxInternal) vertx, transport, settings);
    }
}
