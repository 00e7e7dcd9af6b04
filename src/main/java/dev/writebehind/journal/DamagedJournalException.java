package dev.writebehind.journal;

import java.io.Serial;
import java.nio.file.Path;

/** The failure of a replay by something that can't be read, although more follows, or that another version wrote. */
public final class DamagedJournalException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final long offset;
    private final String what;

    /**
     * Creates one that says where it is, and what to do.
     *
     * @param what stands at that byte of the file: a sentence without its full stop
     */
    public DamagedJournalException(Path file, long offset, String what) {
        super("the journal is damaged: " + file + " at byte " + offset + ": " + what
                + ". Acknowledged writes may be in what can't be read. Copy the directory away; then restore the"
                + " file, or move it out of the directory to start with what the other files hold");
        this.file = file;
        this.offset = offset;
        this.what = what;
    }

    /** Returns the damaged file. */
    public Path file() {
        return file;
    }

    /** Returns the byte, from 0, at which the damage begins. */
    public long offset() {
        return offset;
    }

    /** Returns what is wrong there. */
    public String what() {
        return what;
    }
}
