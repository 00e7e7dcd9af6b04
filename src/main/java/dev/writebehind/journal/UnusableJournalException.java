package dev.writebehind.journal;

import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Says that the journal's directory can't be used at the start, why, and what to do. */
public final class UnusableJournalException extends UncheckedIOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates one with what to do in its message. */
    public UnusableJournalException(String message, IOException cause) {
        super(message, cause);
    }

    /** Returns one for a failure on that directory. */
    public static UnusableJournalException of(Path directory, IOException cause) {
        return new UnusableJournalException(
                "the journal directory " + directory.toAbsolutePath() + " can't be used: " + cause
                        + ". Nothing was changed. Look whether its volume is mounted, writable for this user and not"
                        + " full, or correct journal.dir; then start again",
                cause);
    }
}
