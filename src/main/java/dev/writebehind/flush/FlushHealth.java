package dev.writebehind.flush;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.store.DatabaseFailure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why flushing fails at present; the log gets one line when that changes. Written by the flusher's context, read by any
 * thread.
 */
final class FlushHealth {
    private static final Logger log = LoggerFactory.getLogger(FlushHealth.class);

    private final CompletionBuffer buffer;
    private volatile @Nullable String failure;
    private @Nullable DatabaseFailure reported;

    FlushHealth(CompletionBuffer buffer) {
        this.buffer = buffer;
    }

    /** Returns why the last cycle flushed nothing, or not all; null while flushing works. */
    @Nullable
    String failure() {
        return failure;
    }

    /** Takes note of how a cycle ended; null: well. */
    void ended(@Nullable Throwable cause) {
        DatabaseFailure before = reported;
        failure = cause == null ? null : String.valueOf(cause.getMessage());
        reported = cause == null ? null : DatabaseFailure.of(cause);
        if (cause == null) {
            if (before != null) {
                log.info("Flushing works again; {} keys wait", buffer.pendingKeys());
            }
            return;
        }
        log.debug("A flush failed", cause);
        DatabaseFailure kind = DatabaseFailure.of(cause);
        if (before == kind) {
            return;
        }
        long waiting = buffer.pendingKeys();
        String reason = cause.toString();
        switch (kind) {
            case SETUP ->
                log.error(
                        "Flushing fails until the database is mended (the command check tells what it lacks); {} keys"
                                + " wait: {}",
                        waiting,
                        reason);
            case NO_IDS ->
                log.error(
                        "The table has no id left for new rows: widen its column id (BIGINT), or set AUTO_INCREMENT"
                                + " right. Rows that are there are written, new ones wait; {} keys wait: {}",
                        waiting,
                        reason);
            case BUG ->
                log.error(
                        "Flushing fails by a fault of this service; {} keys wait and will be tried again. Please report"
                                + " it with what follows",
                        waiting,
                        cause);
            default ->
                log.warn(
                        "Flushing fails; {} keys wait and will be tried again until it works: {}",
                        waiting,
                        cause.toString());
        }
    }

    /** Takes note that a cycle has tried nothing yet; why, tells whoever prepares the table. */
    void waitsForTable() {
        failure = "the table is not prepared yet: the database is away or not fit";
        reported = null;
    }

    /** Takes note of a fault between two cycles. */
    void faultBetweenCycles(Throwable bug) {
        failure = String.valueOf(bug.getMessage());
        reported = DatabaseFailure.BUG;
        log.error("A fault between two flush cycles; the next one is tried in any case", bug);
    }
}
