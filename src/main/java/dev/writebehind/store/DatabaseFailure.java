package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

import io.vertx.core.VertxException;
import io.vertx.sqlclient.DatabaseException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.regex.Pattern;

/** The kinds of failure that a database call ends with, and so what to do about it. */
public enum DatabaseFailure {
    /** Another transaction was in the way, a deadlock, a row that it added: passes by trying again at once. */
    CONFLICT,
    /** Another transaction holds a row: passes when that ends, whenever that is. */
    LOCKED,
    /** The server refused what the rows hold: no retry mends that. */
    DATA,
    /** The batch is larger than what the server takes at a time: passes by giving it less. */
    TOO_LARGE,
    /**
     * The table has no id left for a new row: stays until somebody widens its id; rows that are there can be written.
     */
    NO_IDS,
    /**
     * The server takes no writes, as a demoted primary does: passes on another connection, to wherever the name leads
     * then.
     */
    READ_ONLY,
    /** The table, a privilege on it, or a setting of the server is not as it must be: stays until somebody mends it. */
    SETUP,
    /** Another instance has claimed, or is claiming, what is to be flushed: there is nothing to be done here. */
    FENCED,
    /** The server is away, silent, or failed in some other way: passes by itself. */
    OUTAGE,
    /** This service's own fault. */
    BUG;

    /**
     * 1020 changed since last read, 1062 duplicate key (somebody else has just added the row), 1213 deadlock, 1467,
     * which MariaDB tells the victim of a deadlock that was waiting for the table's auto-increment lock; at the commit
     * in a cluster 1180 and 3101, another node was first.
     */
    private static final Set<Integer> CONFLICTS = Set.of(1020, 1062, 1180, 1213, 1467, 3101);

    /** 1205 lock wait timeout, 3572 a lock that was not to be waited for. */
    private static final Set<Integer> LOCKS = Set.of(1205, 3572);

    /** 1153 larger than max_allowed_packet, 1301 a value larger than that. */
    private static final Set<Integer> SIZES = Set.of(1153, 1301);

    /**
     * Refusals that MySQL gives the unspecific SQLSTATE HY000 or a warning's: truncated (1265), wrong value for the
     * column (1366), no partition for the value (1526), check constraint violated (3819).
     */
    private static final Set<Integer> REFUSALS = Set.of(1265, 1366, 1526, 3819);

    /** 1290 running with read_only or super_read_only, 1792 read-only transaction, 1836 read-only mode. */
    private static final Set<Integer> READ_ONLY_SERVER = Set.of(1290, 1792, 1836);

    /**
     * Access denied to the schema (1044), the server (1045, 1698), the table (1142), a column (1143) or for want of a
     * privilege (1227); unknown schema (1049), column (1054), table (1146); the table is not one (1347, 1288, 1356); no
     * default for a column that is not ours (1364); collations that do not go together, as on a table converted under a
     * session (1267, 1270, 1271, 3988); safe updates (1175); an index that is gone (1176); binlog_format=STATEMENT
     * (1665); an account that is locked (3118), whose password is over (1820, 1862), or whose plugin is unknown (1251,
     * 1524); TLS demanded (3159).
     */
    private static final Set<Integer> SETUPS = Set.of(
            1044, 1045, 1049, 1054, 1142, 1143, 1146, 1175, 1176, 1227, 1251, 1267, 1270, 1271, 1288, 1347, 1356, 1364,
            1524, 1665, 1698, 1820, 1862, 3118, 3159, 3988);

    private static final int DUPLICATE = 1062;
    private static final Set<Integer> IMPOSSIBLE_TEXT = Set.of(1267, 3988);
    private static final int ID_COUNTER = 1467;
    private static final int OUT_OF_RANGE = 1264;
    /** MariaDB's storage engine, when the next id is beyond the column's type. */
    private static final int NO_NEXT_ID = 167;

    /** The session has messages in English; the client puts them into braces, with code and state behind. */
    private static final String END = "(?:, errorCode=\\d+, sqlState=\\w+})?";

    private static final Pattern PRIMARY_KEY =
            Pattern.compile(".* for key '(?:[^']*\\.)?PRIMARY'" + END, Pattern.DOTALL);

    private static final Pattern ID = Pattern.compile(".*Out of range value for column 'id' at row \\d+" + END);

    /** Returns the kind of any failure. */
    public static DatabaseFailure of(Throwable failure) {
        if (failure instanceof OutboxUnwritableException unwritable) {
            return ofOutbox(unwritable);
        }
        if (failure instanceof FencedException) {
            return FENCED;
        }
        if (failure instanceof UnfitSchemaException) {
            return SETUP;
        }
        if (failure instanceof BatchTooLargeException) {
            return TOO_LARGE;
        }
        if (!(failure instanceof DatabaseException refused)) {
            return isOurs(failure) ? BUG : OUTAGE;
        }
        int code = refused.getErrorCode();
        if (isWantOfIds(code, String.valueOf(refused.getMessage()))) {
            return NO_IDS;
        }
        if (CONFLICTS.contains(code)) {
            return CONFLICT;
        }
        if (LOCKS.contains(code)) {
            return LOCKED;
        }
        if (SIZES.contains(code)) {
            return TOO_LARGE;
        }
        if (READ_ONLY_SERVER.contains(code)) {
            return READ_ONLY;
        }
        if (SETUPS.contains(code)) {
            return SETUP;
        }
        return REFUSALS.contains(code) || isDataState(String.valueOf(refused.getSqlState())) ? DATA : OUTAGE;
    }

    /** Whether the server refused a row because it has one like it; unlike other conflicts, that may be for good. */
    public static boolean isDuplicate(Throwable failure) {
        return failure instanceof DatabaseException refused && refused.getErrorCode() == DUPLICATE;
    }

    /** Locks on the outbox pass, as a server's troubles do; nothing else that keeps entries out of it does. */
    private static DatabaseFailure ofOutbox(OutboxUnwritableException failure) {
        return switch (of(requireNonNull(failure.getCause()))) {
            case LOCKED, OUTAGE -> OUTAGE;
            default -> SETUP;
        };
    }

    /** Whether the server could not count an id up: in passing, or because there is none left. */
    public static boolean isIdCounter(Throwable failure) {
        return failure instanceof DatabaseException refused && refused.getErrorCode() == ID_COUNTER;
    }

    /** Whether the connection it came over is still of use: the server itself said it, and takes writes. */
    public static boolean leavesConnection(Throwable failure) {
        return failure instanceof DatabaseException && of(failure) != READ_ONLY;
    }

    /**
     * Whether rows were asked for by a text that its column can't hold, so that there is none: MySQL calls the
     * conversion impossible (3988), MariaDB the mix of column and text illegal (1267).
     */
    static boolean isImpossibleText(Throwable failure) {
        return failure instanceof DatabaseException refused && IMPOSSIBLE_TEXT.contains(refused.getErrorCode());
    }

    private static boolean isWantOfIds(int code, String message) {
        return code == NO_NEXT_ID
                || (code == DUPLICATE && PRIMARY_KEY.matcher(message).matches())
                || (code == OUT_OF_RANGE && ID.matcher(message).matches());
    }

    /** What the client and the network throw is checked, or one of Vert.x's; what is left nobody meant to throw. */
    private static boolean isOurs(Throwable failure) {
        return failure instanceof Error
                || (failure instanceof RuntimeException
                        && !(failure instanceof VertxException)
                        && !(failure instanceof UncheckedIOException)
                        && !failure.getClass().getName().startsWith("io.netty."));
    }

    /** SQLSTATE classes 22 (data exception), 23 (constraint violation) and 45 (raised by a trigger). */
    private static boolean isDataState(String state) {
        return state.startsWith("22") || state.startsWith("23") || state.startsWith("45");
    }
}
