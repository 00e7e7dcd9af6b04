package dev.writebehind.store;

import io.vertx.sqlclient.DatabaseException;
import java.util.Set;

/** Tells failures that another transaction caused and that pass by trying again at once; stateless. */
public final class Conflicts {
    private static final int CHECKREAD = 1020;
    private static final int LOCK_WAIT_TIMEOUT = 1205;
    private static final int LOCK_DEADLOCK = 1213;
    /** What MariaDB says to the victim of a deadlock that was waiting for the table's auto-increment lock. */
    private static final int AUTOINC_READ_FAILED = 1467;

    private static final Set<Integer> CODES = Set.of(CHECKREAD, LOCK_WAIT_TIMEOUT, LOCK_DEADLOCK, AUTOINC_READ_FAILED);

    private Conflicts() {}

    /** Whether the transaction was refused for another one's sake: deadlock, lock wait timeout, changed snapshot. */
    public static boolean caused(Throwable failure) {
        return failure instanceof DatabaseException refused && CODES.contains(refused.getErrorCode());
    }
}
