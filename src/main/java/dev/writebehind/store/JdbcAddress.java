package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * The address at which the blocking driver finds the database; the check and whatever changes the table use it.
 * Immutable.
 */
record JdbcAddress(String url, String user, String password, DatabaseSettings settings) {
    /** Others hand the password in clear to whoever asks for it. */
    private static final String PLUGINS = "mysql_native_password,caching_sha2_password,client_ed25519,parsec";

    /** A statement may take hours. That the server is lost is found out after a minute; by default, after two hours. */
    private static final String KEEP_ALIVE = "&tcpKeepIdle=30&tcpKeepInterval=10&tcpKeepCount=3";

    static JdbcAddress of(DatabaseSettings settings) {
        DatabaseUri uri = settings.requiredUri();
        String host = uri.host().contains(":") ? "[" + uri.host() + "]" : uri.host();
        String url = "jdbc:mariadb://" + host + ":" + uri.port() + "/" + uri.schema()
                + "?allowPublicKeyRetrieval=" + settings.mayRetrievePublicKey()
                + "&restrictedAuth=" + PLUGINS
                + "&connectionTimeZone=UTC&connectTimeout=" + settings.timeout().toMillis()
                + KEEP_ALIVE
                + JdbcTls.parameters(settings.tls());
        return new JdbcAddress(url, uri.user(), uri.password(), settings);
    }

    /** Opens a connection that is {@link JdbcSession prepared}; a refusal says what to do about it. */
    Connection connect() throws SQLException {
        Connection connection = open();
        try {
            JdbcSession.prepare(connection, settings.timeout());
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private Connection open() throws SQLException {
        try {
            return DriverManager.getConnection(url, user, password);
        } catch (SQLException e) {
            UnfitSchemaException refusal = DatabaseTls.refusal(e, settings.tls().mode());
            if (refusal == null) {
                refusal = Refusal.of(e);
            }
            if (refusal != null) {
                refusal.addSuppressed(e);
                throw refusal;
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return url;
    }
}
