package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one lane's batches, or of a whole cycle; immutable.
 *
 * @param cause why the last failed batch failed; null: none did
 * @param connectionLost whether the rest was not even tried
 * @param oldestLeft receipt of the oldest write that is not in the table, microseconds; {@link Long#MAX_VALUE}: all are
 */
record LaneOutcome(@Nullable Throwable cause, boolean connectionLost, long oldestLeft) {
    static final LaneOutcome CLEAN = new LaneOutcome(null, false, Long.MAX_VALUE);

    /** Nothing was tried: there is no table yet. */
    static final LaneOutcome UNTRIED = new LaneOutcome(null, true, Long.MIN_VALUE);

    /** Nothing is known to have reached the table. */
    static LaneOutcome failed(Throwable cause) {
        return new LaneOutcome(cause, true, Long.MIN_VALUE);
    }

    LaneOutcome because(@Nullable Throwable newCause, boolean lost) {
        return new LaneOutcome(newCause, lost, oldestLeft);
    }

    LaneOutcome leftBehind(List<? extends Change> changes) {
        LaneOutcome outcome = this;
        for (Change change : changes) {
            outcome = outcome.leftBehind(change.firstReceivedAt());
        }
        return outcome;
    }

    LaneOutcome leftBehind(long createdAt) {
        return createdAt >= oldestLeft ? this : new LaneOutcome(cause, connectionLost, createdAt);
    }

    LaneOutcome and(LaneOutcome other) {
        return new LaneOutcome(
                cause == null ? other.cause : cause,
                connectionLost || other.connectionLost,
                Math.min(oldestLeft, other.oldestLeft));
    }
}
