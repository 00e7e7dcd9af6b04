package dev.writebehind.store;

import io.vertx.sqlclient.DatabaseException;
import java.util.Set;

/** What kind of failure a database call ended with, and so what to do about it. */
public enum DatabaseFailure {
    /** Another transaction was in the way, a deadlock, a lock wait: passes by trying again at once. */
    CONFLICT,
    /** The server refused what the rows hold: no retry mends that. */
    DATA,
    /** The server takes no writes, as a demoted primary does: passes on another connection, to wherever the name leads then. */
    READ_ONLY,
    /** The table, or a privilege on it, is missing: stays until somebody mends it. */
    SETUP,
    /** The server is away, silent, or failed in some other way: passes by itself. */
    OUTAGE;

    /**
     * 1020 changed since last read, 1205 lock wait timeout, 1213 deadlock, and 1467, which MariaDB tells the victim of a
     * deadlock that was waiting for the table's auto-increment lock.
     */
    private static final Set<Integer> CONFLICTS = Set.of(1020, 1205, 1213, 1467);

    /**
     * Refusals that MySQL gives the unspecific SQLSTATE HY000 or a warning's: truncated (1265), wrong value for the
     * column (1366), no partition for the value (1526), check constraint violated (3819).
     */
    private static final Set<Integer> REFUSALS = Set.of(1265, 1366, 1526, 3819);

    /** 1290 running with read_only or super_read_only, 1792 read-only transaction, 1836 read-only mode. */
    private static final Set<Integer> READ_ONLY_SERVER = Set.of(1290, 1792, 1836);

    /**
     * Access denied to the schema (1044), the server (1045, 1698), the table (1142), a column (1143) or for want of a
     * privilege (1227); unknown schema (1049), column (1054), table (1146); the table is not one (1347); no default for
     * a column that is not ours (1364).
     */
    private static final Set<Integer> SETUPS = Set.of(1044, 1045, 1049, 1054, 1142, 1143, 1146, 1227, 1347, 1364, 1698);

    /** Returns the kind of any failure. */
    public static DatabaseFailure of(Throwable failure) {
        if (failure instanceof UnfitSchemaException) {
            return SETUP;
        }
        if (!(failure instanceof DatabaseException refused)) {
            return OUTAGE;
        }
        int code = refused.getErrorCode();
        if (CONFLICTS.contains(code)) {
            return CONFLICT;
        }
        if (READ_ONLY_SERVER.contains(code)) {
            return READ_ONLY;
        }
        if (SETUPS.contains(code)) {
            return SETUP;
        }
        return REFUSALS.contains(code) || isDataState(String.valueOf(refused.getSqlState())) ? DATA : OUTAGE;
    }

    /** SQLSTATE classes 22 (data exception), 23 (constraint violation) and 45 (raised by a trigger). */
    private static boolean isDataState(String state) {
        return state.startsWith("22") || state.startsWith("23") || state.startsWith("45");
    }
}
