package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseTlsSettings.Mode;
import dev.writebehind.config.Loopback;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/**
 * The encryption of one connection, as its server tells; immutable.
 *
 * @param version of TLS; empty: there is no encryption
 * @param cipher likewise
 */
record Encryption(String version, String cipher) {
    /** Answered with names and values, also by servers that know no TLS. */
    static final String QUERY = "SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_cipher', 'Ssl_version')";

    static Encryption of(Map<String, String> status) {
        return new Encryption(status.getOrDefault("Ssl_version", ""), status.getOrDefault("Ssl_cipher", ""));
    }

    static Encryption of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY)) {
            Map<String, String> status = new TreeMap<>();
            while (rows.next()) {
                status.put(rows.getString(1), rows.getString(2));
            }
            return of(status);
        }
    }

    boolean isThere() {
        return !cipher.isEmpty();
    }

    /** Returns it as a few words. */
    String text() {
        return isThere() ? "encrypted with " + version + ", " + cipher : "not encrypted";
    }

    /** Returns what is to be said of it where those settings are in force. */
    Finding finding(DatabaseSettings settings) {
        String text = "the connection is " + text();
        if (settings.tls().mode() == Mode.VERIFY_IDENTITY) {
            return Finding.ok(text + "; the server's certificate is by a trusted authority and names its host");
        }
        if (settings.tls().mode() == Mode.VERIFY_CA) {
            return Finding.ok(text + "; the server's certificate is by a trusted authority");
        }
        if (Loopback.is(settings.requiredUri().host())) {
            return Finding.ok(text);
        }
        return Finding.note(
                isThere()
                        ? text + ", but nobody has looked at the server's certificate: with database.tls.mode:"
                                + " verify-identity nobody can pose as the database"
                        : text + ": whoever can listen between here and the database reads all of it. Give the server a"
                                + " certificate, or let database.tls.mode be another than disabled");
    }
}
