package dev.writebehind.core;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.FlushTicket;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.LearnerCourse;
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

/** The operations of the service, for every dialect: take, reset, read. Never blocks; safe for any thread. */
public final class WriteBehind {
    private final Journal journal;
    private final CompletionBuffer buffer;
    private final Duration ackTimeout;

    /**
     * Creates the operations on a journal and a buffer.
     *
     * @param ackTimeout longest wait for an acknowledgement
     */
    public WriteBehind(Journal journal, CompletionBuffer buffer, Duration ackTimeout) {
        this.journal = journal;
        this.buffer = buffer;
        this.ackTimeout = ackTimeout;
    }

    /** Returns why nothing is taken at present, whatever is offered; empty: nothing speaks against it. */
    public Optional<NotTaken> unavailable() {
        JournalState state = journal.state();
        return state.isHealthy()
                ? Optional.empty()
                : Optional.of(new NotTaken(Reason.JOURNAL_UNAVAILABLE, state.explanation()));
    }

    /** Takes all of the writes or none. */
    public Taking take(List<CompletionWrite> writes, Acknowledgement wanted) {
        return taking(unavailable().<Offer>map(Offer.Refused::new).orElseGet(() -> offer(writes, wanted)));
    }

    /**
     * Takes a reset of a learner's course, ordered with the writes before and after it. It is acknowledged by the
     * journal at least: one that a crash undoes would bring rows back.
     */
    public Taking reset(LearnerCourse learnerCourse, Acknowledgement wanted) {
        return taking(unavailable().<Offer>map(Offer.Refused::new).orElseGet(() -> offer(learnerCourse, wanted)));
    }

    /** Opens a reader for the current context, which is to be closed there. */
    public CourseReader reader(Vertx vertx, DatabaseSettings database) {
        return new CourseReader(buffer, CompletionReader.create(vertx, database));
    }

    private Taking taking(Offer offer) {
        return new Taking(offer, ackTimeout);
    }

    private Offer offer(List<CompletionWrite> writes, Acknowledgement wanted) {
        int changes = writes.size();
        if (wanted == Acknowledgement.MEMORY) {
            return buffer.offer(writes, null) ? new Offer.InMemory(changes) : full();
        }
        if (!journal.hasRoom(changes)) {
            return behind();
        }
        FlushTicket ticket = wanted == Acknowledgement.DATABASE ? new FlushTicket() : null;
        if (!buffer.offerRecorded(writes, ticket)) {
            return full();
        }
        return ticket == null
                ? new Offer.Journaling(changes, journal.sync())
                : new Offer.Flushing(changes, journal.sync(), ticket);
    }

    private Offer offer(LearnerCourse learnerCourse, Acknowledgement wanted) {
        if (!journal.hasRoom(1)) {
            return behind();
        }
        FlushTicket ticket = wanted == Acknowledgement.DATABASE ? new FlushTicket() : null;
        if (!buffer.reset(learnerCourse, ticket)) {
            return full();
        }
        return ticket == null ? new Offer.Journaling(1, journal.sync()) : new Offer.Flushing(1, journal.sync(), ticket);
    }

    private static Offer full() {
        return new Offer.Refused(NotTaken.bufferFull());
    }

    private static Offer behind() {
        return new Offer.Refused(NotTaken.journalBehind());
    }
}
