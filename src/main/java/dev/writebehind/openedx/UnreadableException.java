package dev.writebehind.openedx;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The failure of a read of the LMS's tables: they can't be read now. */
final class UnreadableException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnreadableException(@Nullable Throwable cause) {
        super("the LMS's tables can't be read", cause, false, false);
    }
}
