package dev.writebehind.buffer;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.StoredCompletion;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The buffer's knowledge of a learner in a course at one moment; immutable. */
public final class View {
    /** No reset hides anything. */
    static final long NOTHING = Long.MIN_VALUE;

    private final LearnerCourse key;
    private final List<CoalescedWrite> flushed;
    private final List<CoalescedWrite> pending;
    private final long hiddenBefore;
    private final @Nullable RowSnapshot snapshot;
    private final Moment moment;

    /**
     * A moment in the buffer's life, by which it tells later what has happened since; immutable.
     *
     * @param nanos by the buffer's ticker
     * @param forgotten which snapshots had been forgotten
     * @param resets how many resets had been carried out
     * @param horizon the time after which no row can have been modified by a clock that is right
     */
    record Moment(long nanos, long forgotten, long resets, long horizon) {}

    View(
            LearnerCourse key,
            List<CoalescedWrite> flushed,
            List<CoalescedWrite> pending,
            long hiddenBefore,
            @Nullable RowSnapshot snapshot,
            Moment moment) {
        this.key = key;
        this.flushed = List.copyOf(flushed);
        this.pending = List.copyOf(pending);
        this.hiddenBefore = hiddenBefore;
        this.snapshot = snapshot;
        this.moment = moment;
    }

    /** Whether a reset of the course, not yet carried out, is about to delete that row. */
    public boolean hides(StoredCompletion row) {
        return row.modifiedAt() < hiddenBefore || (hiddenBefore != NOTHING && row.modifiedAt() > horizon());
    }

    /** Returns the time after which no row can have been modified by a clock that is right. */
    public long horizon() {
        return moment.horizon();
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
        return moment.nanos();
    }

    long forgotten() {
        return moment.forgotten();
    }

    long resets() {
        return moment.resets();
    }
}
