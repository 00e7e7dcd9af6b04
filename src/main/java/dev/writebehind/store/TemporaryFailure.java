package dev.writebehind.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The test for failures of a start or of a migration that pass by themselves, so that they are waited for. Stateless.
 */
final class TemporaryFailure {
    /**
     * Codes that go with SQLSTATE 08 or none of their own, and pass: disk or memory short (1021, 1037, 1038, 1041,
     * 1135), too many connections (1040, 1203, 1226), a node that has not joined yet (1047), shutting down (1053, 1077,
     * 1079), changed since last read (1020), another host's errors (1129), error during COMMIT (1180), lock waits
     * (1205, 1213, 1467), read-only (1290, 1792, 1836), interrupted (1317, 1927, 1969, 3024), idle for too long (4031),
     * offline (3032), group replication (3101, 3168), and what ProxySQL says while it has no server (9001). See MySQL's
     * and MariaDB's error references.
     */
    private static final Set<Integer> PASSING = Set.of(
            1020, 1021, 1037, 1038, 1040, 1041, 1047, 1053, 1077, 1079, 1129, 1135, 1180, 1203, 1205, 1213, 1226, 1290,
            1317, 1467, 1792, 1836, 1927, 1969, 3024, 3032, 3101, 3168, 4031, 9001);

    /**
     * Refusals that stay until somebody changes something, although some come with SQLSTATE 08; see {@link Refusal}.
     */
    private static final Set<Integer> STAYING = Refusal.CODES;

    private TemporaryFailure() {}

    /** Whether it is worth waiting for. */
    static boolean is(Throwable failure) {
        List<SQLException> chain = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnfitSchemaException unfit) {
                return unfit.isTemporary();
            }
            if (cause instanceof SQLException sql) {
                chain.add(sql);
            }
        }
        if (chain.stream().anyMatch(sql -> STAYING.contains(sql.getErrorCode()))) {
            return false;
        }
        return chain.stream().anyMatch(sql -> PASSING.contains(sql.getErrorCode()) || isPassing(sql.getSQLState()));
    }

    /** SQLSTATE classes 08 (connection) and 40 (transaction rolled back). */
    private static boolean isPassing(String state) {
        return state != null && (state.startsWith("08") || state.startsWith("40"));
    }
}
