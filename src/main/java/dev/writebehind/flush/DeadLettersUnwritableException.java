package dev.writebehind.flush;

import java.io.IOException;
import java.io.Serial;

/** The failure of the dead letters' directory to take changes. */
final class DeadLettersUnwritableException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    DeadLettersUnwritableException(IOException cause) {
        super(cause.toString(), cause);
    }
}
