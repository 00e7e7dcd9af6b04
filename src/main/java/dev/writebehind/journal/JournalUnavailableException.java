package dev.writebehind.journal;

import java.io.Serial;

/** The failure of an append to become durable; it says why. */
public final class JournalUnavailableException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates one without a stack trace: it is told to callers, not looked into. */
    public JournalUnavailableException(String reason) {
        super(reason, null, false, false);
    }
}
