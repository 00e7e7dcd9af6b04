package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import io.vertx.core.buffer.Buffer;
import io.vertx.mysqlclient.MySQLConnectOptions;

/**
 * The guard that keeps the reactive client from asking whoever answers for the key that its password is encrypted with:
 * the client has no option for that, but asks only where it was given no key. Stateless.
 */
final class PublicKeyRetrieval {
    /** Is no key in Base64, so that nothing can be encrypted with it. */
    private static final String NO_KEY = "(a server's public key may not be asked for)";

    private PublicKeyRetrieval() {}

    /** Gives the client a key that it can't use, unless the settings allow to ask for one. */
    static MySQLConnectOptions restrict(MySQLConnectOptions options, DatabaseSettings settings) {
        return settings.mayRetrievePublicKey() ? options : options.setServerRsaPublicKeyValue(Buffer.buffer(NO_KEY));
    }

    /** Whether a login failed for want of that key. */
    static boolean isRefused(Throwable failure) {
        return failure instanceof IllegalArgumentException
                && String.valueOf(failure.getMessage()).contains("Illegal base64 character");
    }
}
