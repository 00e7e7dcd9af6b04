package dev.writebehind.store;

import io.vertx.sqlclient.DatabaseException;
import java.util.Set;

/** Tells failures that lie in a row's own data, which no retry mends; stateless. */
public final class Refusals {
    /**
     * Refusals that MySQL gives the unspecific SQLSTATE HY000 or a warning's: truncated (1265), wrong value for the
     * column (1366), no partition for the value (1526), check constraint violated (3819).
     */
    private static final Set<Integer> CODES = Set.of(1265, 1366, 1526, 3819);

    private Refusals() {}

    /**
     * Whether the server refused what the rows hold: SQLSTATE class 22 (data exception), 23 (constraint violation) or
     * 45 (raised by a trigger), or one of the codes that have none of these. An outage is neither.
     */
    public static boolean ofData(Throwable failure) {
        if (!(failure instanceof DatabaseException refused) || Conflicts.caused(failure)) {
            return false;
        }
        String state = String.valueOf(refused.getSqlState());
        return CODES.contains(refused.getErrorCode())
                || state.startsWith("22")
                || state.startsWith("23")
                || state.startsWith("45");
    }
}
