package dev.writebehind.journal;

import java.io.Serial;
import java.nio.file.Path;

/** Says where a journal can't be read, and what to do. */
public final class DamagedJournalException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates one for what stands at that byte of a file. */
    public DamagedJournalException(Path file, long offset, String what) {
        super("the journal is damaged: " + file + " at byte " + offset + ": " + what
                + ". Acknowledged writes may be in what can't be read. Copy the directory away; then restore the file,"
                + " or move it out of the directory to start with what the other files hold");
    }
}
