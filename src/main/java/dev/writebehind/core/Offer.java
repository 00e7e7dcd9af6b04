package dev.writebehind.core;

import dev.writebehind.buffer.FlushTicket;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Changes that an {@link Acceptance} was asked to take, by what their outcome still depends on; immutable. */
sealed interface Offer {
    /** Returns how many changes were taken. */
    int changes();

    /**
     * Returns changes that are taken.
     *
     * @param ticket null: nobody waits for the table
     */
    static Offer of(int changes, CompletionStage<Void> durable, @Nullable FlushTicket ticket) {
        return ticket == null ? new Journaling(changes, durable) : new Flushing(changes, durable, ticket);
    }

    /** Changes of which none was taken. */
    record Refused(NotTaken no) implements Offer {
        static final Refused BUFFER_FULL = new Refused(
                new NotTaken(NotTaken.Reason.BUFFER_FULL, "the buffer is full: the database does not keep up"));
        static final Refused LOG_BEHIND = new Refused(new NotTaken(
                NotTaken.Reason.JOURNAL_BEHIND,
                "the log takes no more now: the brokers do not keep up, or journal.kafka.max-log is reached"));

        static final Refused JOURNAL_BEHIND = new Refused(
                new NotTaken(NotTaken.Reason.JOURNAL_BEHIND, "the journal's queue is full: the disk does not keep up"));

        @Override
        public int changes() {
            return 0;
        }
    }

    /** Changes that are all in memory or on their way there; nobody waits for more. */
    record InMemory(int changes) implements Offer {}

    /** Changes that are all on their way to the journal. */
    record Journaling(int changes, CompletionStage<Void> durable) implements Offer {}

    /** Changes that are all on their way to the journal and to the table. */
    record Flushing(int changes, CompletionStage<Void> durable, FlushTicket ticket) implements Offer {}
}
