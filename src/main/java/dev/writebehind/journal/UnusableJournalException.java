package dev.writebehind.journal;

import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;

/** The failure of a start by a journal that can't be opened, read or written. */
public final class UnusableJournalException extends UncheckedIOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates one that says why, and what to do. */
    public UnusableJournalException(String message, IOException cause) {
        super(message, cause);
    }
}
