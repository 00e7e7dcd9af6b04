package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A run of writes of one key folded into one, without loss of what the table would show after them; immutable.
 *
 * <p>All times are microseconds since the epoch, UTC, at which writes were received. Why the run carries three times
 * and a flag instead of a value and a time: {@code docs/decisions/0001-coalescing.md}.
 *
 * @param value the last write's completion
 * @param createdAt receipt of the first write of the run
 * @param changedAt receipt of the last write of the run that differed from the write before it, or of the first write
 *     if none did
 * @param receivedAt receipt of the last write of the run
 * @param changed whether any write of the run differed from the one before it, so that the row is modified at
 *     {@code changedAt} whatever it held before the run
 * @param told whether the callers of all its writes spread the news of them
 */
public record CoalescedWrite(
        CompletionKey key, double value, long createdAt, long changedAt, long receivedAt, boolean changed, boolean told)
        implements Change {
    public CoalescedWrite {
        requireNonNull(key, "key");
        if (createdAt > changedAt || changedAt > receivedAt) {
            throw new IllegalArgumentException("times out of order");
        }
    }

    /** Creates a run of which nobody else tells. */
    public CoalescedWrite(
            CompletionKey key, double value, long createdAt, long changedAt, long receivedAt, boolean changed) {
        this(key, value, createdAt, changedAt, receivedAt, changed, false);
    }

    @Override
    public LearnerCourse learnerCourse() {
        return LearnerCourse.of(key);
    }

    @Override
    public long firstReceivedAt() {
        return createdAt;
    }

    /** Returns the run of a single write received at that time. */
    public static CoalescedWrite of(CompletionWrite write, long receivedAt) {
        return new CoalescedWrite(
                write.key(), write.completion(), receivedAt, receivedAt, receivedAt, false, write.told());
    }

    /**
     * Returns this run and a later one of the same key as one; associative. The spelling of the key is the first's,
     * because the row gets it.
     *
     * @throws IllegalArgumentException if the other run was not received wholly after this one
     */
    public CoalescedWrite then(CoalescedWrite later) {
        if (receivedAt >= later.createdAt) {
            throw new IllegalArgumentException("runs overlap");
        }
        boolean differs = value != later.value;
        boolean allTold = told && later.told;
        if (later.changed || differs) {
            return new CoalescedWrite(key, later.value, createdAt, later.changedAt, later.receivedAt, true, allTold);
        }
        return new CoalescedWrite(key, value, createdAt, changedAt, later.receivedAt, changed, allTold);
    }

    /**
     * Returns this run and one of another key that the table holds equal as one run of one row; commutative. The
     * spelling is that of whichever was received first, the value that of whichever was received last. Where the runs
     * overlap and differ, nothing tells which write was the last to change the value, so that its time is taken for the
     * last receipt: the latest that it can have been.
     */
    public CoalescedWrite withTwin(CoalescedWrite twin) {
        CoalescedWrite last = receivedAt >= twin.receivedAt ? this : twin;
        CoalescedWrite other = last.equals(this) ? twin : this;
        if (other.receivedAt < last.createdAt) {
            return other.then(last);
        }
        CompletionKey spelling = other.createdAt < last.createdAt ? other.key : last.key;
        long first = Math.min(createdAt, twin.createdAt);
        boolean differ = changed || twin.changed || value != twin.value;
        boolean lastChangeIsKnown = last.changed && last.changedAt > other.receivedAt;
        long changedLast = !differ ? first : lastChangeIsKnown ? last.changedAt : last.receivedAt;
        return new CoalescedWrite(spelling, last.value, first, changedLast, last.receivedAt, differ, told && twin.told);
    }

    /**
     * Returns what is left of this run by a reset that was received within it, of a course that the table holds equal:
     * a row that begins with the last change after the reset, or with the last write where none is known.
     */
    public CoalescedWrite since(CourseReset reset) {
        if (createdAt > reset.receivedAt()) {
            return this;
        }
        long begin = changedAt > reset.receivedAt() ? changedAt : receivedAt;
        return new CoalescedWrite(key, value, begin, begin, receivedAt, false, told);
    }

    /** Returns that part of this run, without its values, which a reset that was received within it undoes. */
    public CoalescedWrite before(CourseReset reset) {
        long last = Math.min(receivedAt, reset.receivedAt() - 1);
        return new CoalescedWrite(key, value, createdAt, createdAt, Math.max(createdAt, last), false, told);
    }

    /**
     * Returns what is left of this run where the part of it that was received up to then is in the table already: it
     * begins with the last change after that, or with the last write where there is none.
     *
     * @param stamp before the last write's receipt
     */
    public CoalescedWrite after(long stamp) {
        boolean changedAfter = changedAt > stamp;
        long begin = changedAfter ? changedAt : receivedAt;
        return createdAt > stamp ? this : new CoalescedWrite(key, value, begin, begin, receivedAt, changedAfter, told);
    }

    /** Returns what the row holds once this run is flushed over it, where no clock is ahead. */
    public StoredCompletion applyTo(@Nullable StoredCompletion row) {
        return applyTo(row, Long.MAX_VALUE);
    }

    /**
     * Returns what the row holds once this run is flushed over it: the meaning of the upsert statements.
     *
     * @param horizon {@link ReceiptClock#horizon}: a row modified after that was stamped by a clock that is ahead, and
     *     counts as older than any write
     */
    public StoredCompletion applyTo(@Nullable StoredCompletion row, long horizon) {
        if (row == null) {
            return new StoredCompletion(key.block().value(), key.block().blockType(), value, createdAt, changedAt);
        }
        boolean differs = value != row.completion();
        if (row.modifiedAt() > horizon) {
            return differs || changed ? row.modified(value, changedAt) : row;
        }
        boolean newer = receivedAt >= row.modifiedAt();
        if (newer && (differs || (changed && changedAt > row.modifiedAt()))) {
            return row.modified(value, changedAt >= row.modifiedAt() ? changedAt : receivedAt);
        }
        return row;
    }
}
