package dev.writebehind.store;

import java.io.Serial;

/** The failure of a call on a database that can't take completions as it is; it says why, and what to do. */
public final class UnfitSchemaException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean temporary;

    UnfitSchemaException(String reason) {
        this(reason, false);
    }

    /** @param temporary whether it may pass without a change of the table, so that a start waits for it */
    UnfitSchemaException(String reason, boolean temporary) {
        super(reason);
        this.temporary = temporary;
    }

    boolean isTemporary() {
        return temporary;
    }
}
