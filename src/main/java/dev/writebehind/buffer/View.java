package dev.writebehind.buffer;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.StoredCompletion;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the buffer knew of a learner in a course at one moment; immutable. */
public final class View {
    /** No reset hides anything. */
    static final long NOTHING = Long.MIN_VALUE;

    private final LearnerCourse key;
    private final List<CoalescedWrite> flushed;
    private final List<CoalescedWrite> pending;
    private final long hiddenBefore;
    private final @Nullable RowSnapshot snapshot;
    private final long takenAt;
    private final long forgotten;
    private final long resets;
    private final long horizon;

    View(
            LearnerCourse key,
            List<CoalescedWrite> flushed,
            List<CoalescedWrite> pending,
            long hiddenBefore,
            @Nullable RowSnapshot snapshot,
            long takenAt,
            long forgotten,
            long resets,
            long horizon) {
        this.key = key;
        this.flushed = List.copyOf(flushed);
        this.pending = List.copyOf(pending);
        this.hiddenBefore = hiddenBefore;
        this.snapshot = snapshot;
        this.takenAt = takenAt;
        this.forgotten = forgotten;
        this.resets = resets;
        this.horizon = horizon;
    }

    /** Whether a reset of the course, not yet carried out, is about to delete that row. */
    public boolean hides(StoredCompletion row) {
        return row.modifiedAt() < hiddenBefore || (hiddenBefore != NOTHING && row.modifiedAt() > horizon);
    }

    /** Returns the time after which no row can have been modified by a clock that is right. */
    public long horizon() {
        return horizon;
    }

    /** Returns what was flushed a moment ago: to be laid over the rows first, because a snapshot may lack it. */
    public List<CoalescedWrite> flushed() {
        return flushed;
    }

    /** Returns what is not yet in the table: to be laid over the rows next; of one key the older run comes first. */
    public List<CoalescedWrite> pending() {
        return pending;
    }

    /** Returns the rows, if they were read less than {@code buffer.retain} ago. */
    public Optional<List<StoredCompletion>> rows() {
        return snapshot == null ? Optional.empty() : Optional.of(snapshot.rows());
    }

    long hiddenBefore() {
        return hiddenBefore;
    }

    LearnerCourse key() {
        return key;
    }

    long takenAt() {
        return takenAt;
    }

    long forgotten() {
        return forgotten;
    }

    long resets() {
        return resets;
    }
}
