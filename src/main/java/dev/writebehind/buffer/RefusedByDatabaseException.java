package dev.writebehind.buffer;

import java.io.Serial;

/** Tells whoever waits for a flush that the database refused a write and that it is a dead letter now. */
public final class RefusedByDatabaseException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** @param reason what the database said */
    public RefusedByDatabaseException(String reason) {
        super(reason, null, false, false);
    }
}
