package dev.writebehind.flush;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.store.DatabaseFailure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The health of flushing: why it fails at present, as a condition. Written by the flusher's context, read by any
 * thread.
 */
final class FlushHealth {
    private static final Logger log = LoggerFactory.getLogger(FlushHealth.class);

    private final CompletionBuffer buffer;
    private final Conditions conditions;
    private volatile @Nullable String failure;

    FlushHealth(CompletionBuffer buffer, Conditions conditions) {
        this.buffer = buffer;
        this.conditions = conditions;
    }

    /** Returns why the last cycle flushed nothing, or not all; null while flushing works. */
    @Nullable
    String failure() {
        return failure;
    }

    /** Takes note of how a cycle ended; null: well. */
    void ended(@Nullable Throwable cause) {
        long waiting = buffer.pendingKeys();
        if (cause == null) {
            failure = null;
            conditions.end(Subject.FLUSHING, "Flushing works again; " + waiting + " keys wait");
            return;
        }
        log.debug("A flush failed", cause);
        failure = String.valueOf(cause.getMessage());
        ConditionName name = name(cause);
        switch (name) {
            case DATABASE_SETUP ->
                conditions.begin(
                        name,
                        "Flushing fails until the database is mended (the command check tells what it lacks); "
                                + waiting + " keys wait",
                        cause.toString());
            case NO_IDS ->
                conditions.begin(
                        name,
                        "The table has no id left for new rows: widen its column id (BIGINT), or set AUTO_INCREMENT"
                                + " right. Rows that are there are written, new ones wait; " + waiting + " keys wait",
                        cause.toString());
            case BUG ->
                conditions.begin(
                        name,
                        "Flushing fails by a fault of this service; " + waiting
                                + " keys wait and will be tried again. Please report it with what follows",
                        cause);
            default ->
                conditions.begin(
                        name,
                        "Flushing fails; " + waiting + " keys wait and will be tried again until it works",
                        cause.toString());
        }
    }

    /** Takes note that a cycle has tried nothing yet; why, tells whoever prepares the table. */
    void waitsForTable() {
        failure = "the table is not prepared yet: the database is away or not fit";
    }

    /** Takes note of a fault between two cycles. */
    void faultBetweenCycles(Throwable bug) {
        failure = String.valueOf(bug.getMessage());
        conditions.begin(ConditionName.BUG, "A fault between two flush cycles; the next one is tried in any case", bug);
    }

    private static ConditionName name(Throwable cause) {
        if (cause instanceof DeadLettersUnwritableException) {
            return ConditionName.DEAD_LETTERS_UNWRITABLE;
        }
        return switch (DatabaseFailure.of(cause)) {
            case OUTAGE, FENCED -> ConditionName.DATABASE_UNAVAILABLE;
            case READ_ONLY -> ConditionName.DATABASE_READ_ONLY;
            case SETUP -> ConditionName.DATABASE_SETUP;
            case NO_IDS -> ConditionName.NO_IDS;
            case BUG -> ConditionName.BUG;
            case CONFLICT, LOCKED, DATA, TOO_LARGE -> ConditionName.BATCHES_REFUSED;
        };
    }
}
