package dev.writebehind.core;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.Receipts;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.core.NotTaken.Reason;
import dev.writebehind.journal.Journal;
import dev.writebehind.journal.JournalState;
import dev.writebehind.store.CompletionReader;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The operations of the service, for every dialect: take, reset, read. Never blocks; safe for any thread. */
public final class WriteBehind {
    private final Acceptance acceptance;
    private final CompletionBuffer buffer;
    private final Supplier<Duration> ackTimeout;
    private final TakingStats stats = new TakingStats();

    private WriteBehind(Acceptance acceptance, CompletionBuffer buffer, Supplier<Duration> ackTimeout) {
        this.acceptance = acceptance;
        this.buffer = buffer;
        this.ackTimeout = ackTimeout;
    }

    /**
     * Returns the operations of the only instance, on its own journal.
     *
     * @param buffer has its changes written to that journal
     * @param ackTimeout longest wait for an acknowledgement
     */
    public static WriteBehind on(Journal journal, CompletionBuffer buffer, Supplier<Duration> ackTimeout) {
        return new WriteBehind(new FoldFirst(journal, buffer), buffer, ackTimeout);
    }

    /**
     * Returns the operations of one instance of several.
     *
     * @param buffer is filled from the log that they share alone
     */
    static WriteBehind on(LogFirst shared, CompletionBuffer buffer, Supplier<Duration> ackTimeout) {
        return new WriteBehind(shared, buffer, ackTimeout);
    }

    /** Returns why nothing is taken at present, whatever is offered; empty: nothing speaks against it. */
    public Optional<NotTaken> unavailable() {
        JournalState state = acceptance.state();
        return state.isHealthy()
                ? Optional.empty()
                : Optional.of(new NotTaken(Reason.JOURNAL_UNAVAILABLE, state.explanation()));
    }

    /** Takes all of the writes or none. */
    public Taking take(List<CompletionWrite> writes, Acknowledgement wanted) {
        return take(writes, wanted, null, null);
    }

    /**
     * Takes all of the writes or none.
     *
     * @param patience longest wait for the acknowledgement, where that is shorter than the service's; null: the
     *     service's
     * @param receipts knows, once they are acknowledged or known to be taken, when they were received; null: nobody
     *     asks
     */
    public Taking take(
            List<CompletionWrite> writes,
            Acknowledgement wanted,
            @Nullable Duration patience,
            @Nullable Receipts receipts) {
        Optional<NotTaken> no = unavailable();
        Offer offer = no.isPresent() ? new Offer.Refused(no.get()) : acceptance.take(writes, wanted, receipts);
        stats.writes(offer.changes());
        return taking(offer, patience);
    }

    /** Takes a reset of all that was received before it. */
    public Taking reset(LearnerCourse learnerCourse, Acknowledgement wanted, @Nullable Duration patience) {
        return reset(learnerCourse, CourseReset.RECEIPT, wanted, patience);
    }

    /**
     * Takes a reset of a learner's course, ordered with the writes before and after it. It is acknowledged by the
     * journal at least: one that a crash undoes would bring rows back.
     *
     * @param before what was received before that moment is undone, microseconds since the epoch; {@link
     *     CourseReset#RECEIPT}: before the reset is
     * @param patience as for {@link #take(List, Acknowledgement, Duration, Receipts)}
     */
    public Taking reset(LearnerCourse learnerCourse, long before, Acknowledgement wanted, @Nullable Duration patience) {
        Offer offer = unavailable()
                .<Offer>map(Offer.Refused::new)
                .orElseGet(() -> acceptance.reset(learnerCourse, before, wanted));
        stats.resets(offer.changes());
        return taking(offer, patience);
    }

    /** Returns the counters. */
    public TakingStats stats() {
        return stats;
    }

    /** Opens a reader for the current context, which is to be closed there. */
    public CourseReader reader(Vertx vertx, DatabaseSettings database) {
        return new CourseReader(
                vertx.getOrCreateContext(), acceptance, buffer, CompletionReader.create(vertx, database));
    }

    private Taking taking(Offer offer, @Nullable Duration patience) {
        Duration longest = ackTimeout.get();
        return new Taking(offer, patience != null && patience.compareTo(longest) < 0 ? patience : longest, stats);
    }
}
