package dev.writebehind.journal;

import java.io.Serial;

/** The failure of a replay by something that can't be read, although more follows, or that another version wrote. */
public final class DamagedJournalException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates one that says where it is, and what to do. */
    public DamagedJournalException(String message) {
        super(message);
    }
}
