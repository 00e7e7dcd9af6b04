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
 */
public record CoalescedWrite(
        CompletionKey key, double value, long createdAt, long changedAt, long receivedAt, boolean changed)
        implements Change {
    public CoalescedWrite {
        requireNonNull(key, "key");
        if (createdAt > changedAt || changedAt > receivedAt) {
            throw new IllegalArgumentException("times out of order");
        }
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
        return new CoalescedWrite(write.key(), write.completion(), receivedAt, receivedAt, receivedAt, false);
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
        if (later.changed || differs) {
            return new CoalescedWrite(key, later.value, createdAt, later.changedAt, later.receivedAt, true);
        }
        return new CoalescedWrite(key, value, createdAt, changedAt, later.receivedAt, changed);
    }

    /** Returns what the row holds once this run is flushed over it: the meaning of the upsert statements. */
    public StoredCompletion applyTo(@Nullable StoredCompletion row) {
        if (row == null) {
            return new StoredCompletion(key.block().value(), key.block().blockType(), value, createdAt, changedAt);
        }
        boolean newer = receivedAt >= row.modifiedAt();
        boolean differs = value != row.completion();
        if (newer && (differs || (changed && changedAt > row.modifiedAt()))) {
            return row.modified(value, changedAt >= row.modifiedAt() ? changedAt : receivedAt);
        }
        return row;
    }
}
