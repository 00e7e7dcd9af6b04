package dev.writebehind.journal;

import java.io.Serial;

/** Says why an append is not durable. */
final class JournalUnavailableException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    JournalUnavailableException(String reason) {
        super(reason, null, false, false);
    }
}
