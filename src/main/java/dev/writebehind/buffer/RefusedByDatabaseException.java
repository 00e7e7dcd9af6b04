package dev.writebehind.buffer;

import java.io.Serial;

/** The failure of a wait for a flush: the database refused a change, which is a dead letter now. */
public final class RefusedByDatabaseException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** @param reason what the database said */
    public RefusedByDatabaseException(String reason) {
        super(reason, null, false, false);
    }
}
