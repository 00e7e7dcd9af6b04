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
    private volatile @Nullable Throwable failure;

    FlushHealth(CompletionBuffer buffer) {
        this.buffer = buffer;
    }

    /** Returns why the last cycle failed; null while flushing works. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Takes note of how a cycle ended; null: well. */
    void ended(@Nullable Throwable cause) {
        Throwable before = failure;
        failure = cause;
        if (cause == null) {
            if (before != null) {
                log.info("Flushing works again; {} keys wait", buffer.pendingKeys());
            }
            return;
        }
        DatabaseFailure kind = DatabaseFailure.of(cause);
        if (before != null && DatabaseFailure.of(before) == kind) {
            return;
        }
        if (kind == DatabaseFailure.SETUP) {
            log.error(
                    "Flushing fails until the database is mended (the command check tells what it lacks); {} keys wait:"
                            + " {}",
                    buffer.pendingKeys(),
                    cause.toString());
        } else {
            log.warn(
                    "Flushing fails; {} keys wait and will be tried again until it works: {}",
                    buffer.pendingKeys(),
                    cause.toString());
        }
    }

    /** Takes note of a fault between two cycles. */
    void faultBetweenCycles(Throwable bug) {
        failure = bug;
        log.error("A fault between two flush cycles; the next one is tried in any case", bug);
    }
}
