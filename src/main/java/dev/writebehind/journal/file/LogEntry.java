package dev.writebehind.journal.file;

import dev.writebehind.completion.ChangeLog;
import org.jspecify.annotations.Nullable;

/**
 * A change's place in the journal and, until it is durable, the entry it supersedes. Confined to the journal's thread
 * once it is queued; {@link #group} may be read by any.
 */
final class LogEntry implements ChangeLog.Entry {
    private @Nullable LogEntry previous;
    private volatile @Nullable LiveGroup group;
    private final boolean reset;
    private boolean released;
    /** Two kilobytes at the most; no wider, for there is one for each pending key. */
    private short bytes;

    LogEntry(@Nullable LogEntry previous, boolean reset) {
        this.previous = previous;
        this.reset = reset;
    }

    /** Takes note of the entry's size. */
    void measured(int encodedBytes) {
        bytes = (short) Math.min(encodedBytes, Short.MAX_VALUE);
    }

    /** The entry is on disk, in that group: what it supersedes is no longer needed. */
    void written(LiveGroup in) {
        group = in;
        if (released) {
            in.settle(bytes);
        } else {
            in.add(bytes, reset);
        }
        freePrevious(false);
    }

    /** Neither the entry, even if it is yet to be written, nor what it supersedes is needed any longer. */
    void release() {
        freePrevious(true);
        free(true);
    }

    boolean isReset() {
        return reset;
    }

    boolean isReleased() {
        return released;
    }

    boolean isWritten() {
        return group != null;
    }

    /** Whether it lies on disk in a group before that one. */
    boolean isBefore(long groupNumber) {
        LiveGroup in = group;
        return in != null && in.number() < groupNumber;
    }

    private void free(boolean settled) {
        LiveGroup in = group;
        if (in != null && !released) {
            in.remove(bytes, reset, settled);
        }
        released = true;
    }

    private void freePrevious(boolean settled) {
        LogEntry superseded = previous;
        previous = null;
        while (superseded != null) {
            LogEntry next = superseded.previous;
            superseded.previous = null;
            superseded.free(settled);
            superseded = next;
        }
    }
}
