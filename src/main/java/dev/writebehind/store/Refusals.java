package dev.writebehind.store;

import io.vertx.sqlclient.DatabaseException;

/** Tells failures that lie in a row's own data, which no retry mends; stateless. */
public final class Refusals {
    private Refusals() {}

    /**
     * Whether the server refused what the rows hold: SQLSTATE class 22 (data exception), 23 (constraint violation) or
     * 45 (raised by a trigger). An outage is none of these.
     */
    public static boolean ofData(Throwable failure) {
        if (!(failure instanceof DatabaseException refused) || Conflicts.caused(failure)) {
            return false;
        }
        String state = String.valueOf(refused.getSqlState());
        return state.startsWith("22") || state.startsWith("23") || state.startsWith("45");
    }
}
