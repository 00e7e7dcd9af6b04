package dev.writebehind.flush;

import java.io.Serial;

/** The refusal to bring anything to the table, because an operator paused flushing. */
public final class FlushingPausedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates it. */
    public FlushingPausedException() {
        super("flushing is paused: POST /admin/resume lets it go on", null, false, false);
    }
}
