package dev.writebehind.testing;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A log that keeps what was appended for a test to look at, and makes nothing durable. Safe for any thread. */
public final class RecordingLog implements ChangeLog {
    private final List<Change> appended = new CopyOnWriteArrayList<>();
    private final boolean isKept;

    private RecordingLog(boolean isKept) {
        this.isKept = isKept;
    }

    /** Returns one that keeps everything. */
    public static RecordingLog create() {
        return new RecordingLog(true);
    }

    /** Returns one that keeps nothing, for buffers whose log does not matter. */
    public static RecordingLog ofNothing() {
        return new RecordingLog(false);
    }

    /** Returns what was appended, oldest first. */
    public List<Change> appended() {
        return appended;
    }

    @Override
    public Entry append(Change change, @Nullable Entry previous) {
        if (isKept) {
            appended.add(change);
        }
        return new Entry() {};
    }

    @Override
    public void release(Entry entry) {}

    @Override
    public boolean hasOutdated() {
        return false;
    }

    @Override
    public boolean isOutdated(Entry entry) {
        return false;
    }

    @Override
    public boolean isWritten(Entry entry) {
        return false;
    }

    @Override
    public boolean hasRoom(int changes) {
        return true;
    }
}
