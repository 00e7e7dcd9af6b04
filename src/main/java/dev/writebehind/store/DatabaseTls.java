package dev.writebehind.store;

import dev.writebehind.config.DatabaseTlsSettings;
import dev.writebehind.tls.Authorities;
import dev.writebehind.tls.Identity;
import dev.writebehind.tls.UnreadablePemException;
import java.nio.file.Path;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * What both clients need for an encrypted connection, as the settings and the files of the moment have it; immutable.
 * Those of the same content are equal.
 *
 * @param authorities null: those that Java trusts, or any
 * @param identity null: none is shown
 */
record DatabaseTls(
        DatabaseTlsSettings.Mode mode,
        String host,
        @Nullable Authorities authorities,
        @Nullable Identity identity) {
    /** What both clients enable; older versions can be broken. */
    static final String PROTOCOLS = "TLSv1.3,TLSv1.2";

    private static final String DISABLED = "database.tls.mode: disabled";

    /** Reads the files, or throws {@link UnfitSchemaException}; blocks on them. */
    static DatabaseTls read(DatabaseTlsSettings settings, String host) {
        Path ca = settings.isVerified() ? settings.ca() : null;
        Path certificate = settings.certificate();
        Path key = settings.key();
        try {
            return new DatabaseTls(
                    settings.mode(),
                    host,
                    ca == null ? null : Authorities.read("database.tls.ca", ca),
                    certificate == null || key == null
                            ? null
                            : Identity.read("database.tls.certificate", certificate, "database.tls.key", key));
        } catch (UnreadablePemException e) {
            UnfitSchemaException unfit = new UnfitSchemaException(String.valueOf(e.getMessage()));
            unfit.addSuppressed(e);
            throw unfit;
        }
    }

    /** Returns the judgement of the server's certificate. */
    ServerTrust trust() {
        String named = mode == DatabaseTlsSettings.Mode.VERIFY_IDENTITY ? host : null;
        return switch (mode) {
            case DISABLED, PREFERRED, REQUIRED -> new ServerTrust(null, "anybody", null);
            case VERIFY_CA, VERIFY_IDENTITY ->
                authorities == null
                        ? new ServerTrust(Authorities.javasOwn(), "an authority that Java trusts", named)
                        : new ServerTrust(authorities.trustManager(), "an authority in " + authorities.file(), named);
        };
    }

    /** Returns what shows this service's own certificate; null: it has none. */
    @Nullable
    X509ExtendedKeyManager keyManager() {
        return identity == null ? null : identity.keyManager();
    }

    /** Returns it as JSSE wants it. */
    KeyManager @Nullable [] keyManagers() {
        X509ExtendedKeyManager own = keyManager();
        return own == null ? null : new KeyManager[] {own};
    }

    /** Returns why a connection failed where its encryption is the reason, and stays one; null: it is not. */
    static @Nullable UnfitSchemaException refusal(Throwable failure, DatabaseTlsSettings.Mode mode) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnfitSchemaException unfit) {
                return unfit;
            }
            if (cause instanceof SSLHandshakeException handshake && stays(handshake)) {
                return new UnfitSchemaException("the database and this service don't agree on TLS ("
                        + handshake.getMessage() + "): look at the server's log, at its certificate and at"
                        + " its tls_version, of which TLSv1.2 or TLSv1.3 is needed"
                        + (mode == DatabaseTlsSettings.Mode.PREFERRED ? ", or set " + DISABLED : ""));
            }
            if (String.valueOf(cause.getMessage()).contains("ssl not enabled in the server")) {
                return notOffered(mode);
            }
        }
        return null;
    }

    static UnfitSchemaException notOffered(DatabaseTlsSettings.Mode mode) {
        return new UnfitSchemaException("the server offers no TLS, and database.tls.mode is " + mode.label()
                + ": give it a certificate (ssl_cert, ssl_key), or set database.tls.mode: preferred where nobody can"
                + " listen");
    }

    /** A server that goes away in the midst of it says nothing. */
    private static boolean stays(SSLHandshakeException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains("fatal alert") || message.contains("protocol") || message.contains("cipher suite");
    }
}
