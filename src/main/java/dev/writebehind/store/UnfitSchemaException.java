package dev.writebehind.store;

import java.io.Serial;

/** Says why the database can't take completions as it is, and what to do. */
public final class UnfitSchemaException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnfitSchemaException(String reason) {
        super(reason);
    }
}
