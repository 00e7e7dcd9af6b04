package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** Where the blocking driver finds the database; migrations and the check use it, at the start only. Immutable. */
record JdbcAddress(String url, String user, String password) {
    static JdbcAddress of(DatabaseSettings settings) {
        DatabaseUri uri = settings.requiredUri();
        String host = uri.host().contains(":") ? "[" + uri.host() + "]" : uri.host();
        String url = "jdbc:mariadb://" + host + ":" + uri.port() + "/" + uri.schema()
                + "?allowPublicKeyRetrieval=true&connectionTimeZone=UTC&connectTimeout="
                + settings.timeout().toMillis();
        return new JdbcAddress(url, uri.user(), uri.password());
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url, user, password);
    }

    @Override
    public String toString() {
        return url;
    }
}
