package dev.writebehind.store;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The translation of a server's refusals of a connection into what to do about them. Stateless. */
final class Refusal {
    private static final int SECURE_TRANSPORT_REQUIRED = 3159;
    private static final int ACCESS_DENIED = 1045;
    private static final int HOST_NOT_ALLOWED = 1130;
    private static final int UNKNOWN_PLUGIN = 1251;

    /** Access denied (1044, 1045, 1698), unknown schema (1049), host not allowed, plugin not spoken, TLS demanded. */
    static final Set<Integer> CODES =
            Set.of(1044, ACCESS_DENIED, 1049, HOST_NOT_ALLOWED, UNKNOWN_PLUGIN, 1698, SECURE_TRANSPORT_REQUIRED);

    /** How the server's key is asked for, or not; said by both clients' failures. */
    static final String PUBLIC_KEY =
            "the account's plugin (caching_sha2_password) encrypts the password with a key that"
                    + " the server hands out, and over plain TCP from another host an impostor could hand out his:"
                    + " connect over TLS (database.tls.mode) or"
                    + " a loopback address (a tunnel), or set database.allow-public-key-retrieval: true where nobody"
                    + " can pose as the database";

    static final String PLUGINS = "give it mysql_native_password (ALTER USER … IDENTIFIED VIA, or WITH,"
            + " mysql_native_password …) or, on MySQL, caching_sha2_password";

    private Refusal() {}

    /** Returns what to do about it; null: nothing is known about it. */
    static @Nullable UnfitSchemaException of(SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String reason = cause instanceof SQLException sql ? of(sql.getErrorCode(), text(sql)) : null;
            if (reason != null) {
                return new UnfitSchemaException(reason);
            }
        }
        return null;
    }

    /** Returns the reason with what to do about it; null where the code is not one of {@link #CODES}. */
    static @Nullable String of(int code, String message) {
        if (message.contains("RSA public key is not available")) {
            return PUBLIC_KEY;
        }
        return switch (code) {
            case SECURE_TRANSPORT_REQUIRED ->
                "the server takes encrypted connections alone, and database.tls.mode is disabled: set it to"
                        + " preferred or verify-identity";
            case ACCESS_DENIED, 1698 ->
                "the server refuses the user: " + message
                        + ". Look at user and password in database.uri; accounts that must use TLS are refused so"
                        + " without it (database.tls.mode), and those that must show a certificate (REQUIRE"
                        + " X509) without one"
                        + " (database.tls.certificate and key)";
            case HOST_NOT_ALLOWED ->
                "the server refuses this host: " + message + ". Create the user for it, or correct skip_name_resolve";
            case UNKNOWN_PLUGIN -> "the account can't be logged in to: " + message + ". Use another plugin: " + PLUGINS;
            default -> CODES.contains(code) ? message : null;
        };
    }

    private static String text(SQLException failure) {
        return String.valueOf(failure.getMessage()).replaceFirst("^\\(conn=\\d+\\) ", "");
    }
}
