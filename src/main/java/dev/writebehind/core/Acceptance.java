package dev.writebehind.core;

import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.Receipts;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.journal.JournalState;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A way to take changes and make them durable: {@link FoldFirst} on one machine, {@link LogFirst} on several. Never
 * blocks; safe for any thread.
 */
interface Acceptance {
    /** Returns whether changes are made durable at present, and why not. */
    JournalState state();

    /**
     * Takes all of the writes or none.
     *
     * @param receipts is filled with when they were received, before they are acknowledged; null: nobody asks
     */
    Offer take(List<CompletionWrite> writes, Acknowledgement wanted, @Nullable Receipts receipts);

    /**
     * Takes a reset, durably at least.
     *
     * @param before what was received before that moment is undone; {@link
     *     dev.writebehind.completion.CourseReset#RECEIPT}: before the reset is
     */
    Offer reset(LearnerCourse learnerCourse, long before, Acknowledgement wanted);

    /**
     * Returns the time up to which the buffer shows whatever was received, microseconds since the epoch, UTC; asked for
     * where {@link #caughtUp} fails.
     */
    long appliedUpTo();

    /** Completes once the buffer shows everything that was acknowledged, by whichever instance, before the call. */
    CompletionStage<Void> caughtUp();
}
