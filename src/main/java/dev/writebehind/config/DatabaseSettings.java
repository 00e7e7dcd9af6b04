package dev.writebehind.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The database behind the buffer.
 *
 * @param uri where it is; null until the operator says so
 * @param migrate whether the service brings the table into shape before the first flush
 * @param timeout longest time a connection attempt or a statement may go without an answer
 * @param readConnections most connections that overlay reads use per event loop
 * @param allowPublicKeyRetrieval whether the key that a password is encrypted with may come from whoever answers
 * @param tls how connections are encrypted
 */
public record DatabaseSettings(
        @Nullable DatabaseUri uri,
        boolean migrate,
        Duration timeout,
        int readConnections,
        boolean allowPublicKeyRetrieval,
        DatabaseTlsSettings tls) {
    public DatabaseSettings {
        Require.present("database.tls", tls);
        Require.between("database.timeout", timeout, Duration.ofSeconds(1), Duration.ofMinutes(10));
        Require.between("database.read-connections", readConnections, 1, 1_000);
    }

    /** With the key not to be asked for, and encryption where the server offers it. */
    public DatabaseSettings(@Nullable DatabaseUri uri, boolean migrate, Duration timeout, int readConnections) {
        this(uri, migrate, timeout, readConnections, false, DatabaseTlsSettings.PREFERRED);
    }

    /** Returns these settings with that encryption. */
    public DatabaseSettings with(DatabaseTlsSettings other) {
        return new DatabaseSettings(uri, migrate, timeout, readConnections, allowPublicKeyRetrieval, other);
    }

    /** Returns these settings with another database. */
    public DatabaseSettings with(DatabaseUri other) {
        return new DatabaseSettings(other, migrate, timeout, readConnections, allowPublicKeyRetrieval, tls);
    }

    /** Whether the server may be asked for its public key: where nobody sits in between, or the operator says so. */
    public boolean mayRetrievePublicKey() {
        return allowPublicKeyRetrieval || (uri != null && Loopback.is(uri.host()));
    }

    /** Returns the URI, or throws {@link InvalidSettingException} where none is set. */
    public DatabaseUri requiredUri() {
        if (uri == null) {
            throw new InvalidSettingException(
                    "database.uri",
                    "is not set: give the database as mysql://user:password@host:port/schema, in the file or as "
                            + ConfigFile.variable("database.uri"));
        }
        return uri;
    }
}
