package dev.writebehind.ingest;

import dev.writebehind.buffer.FlushTicket;
import java.util.concurrent.CompletionStage;

/** What became of a request's changes so far, and what its answer has to wait for. */
sealed interface Offer {
    /** Returns how many changes were taken. */
    int accepted();

    /** None was taken. */
    record Refused(Problem problem) implements Offer {
        @Override
        public int accepted() {
            return 0;
        }
    }

    /** All are in memory, and nobody waits for more. */
    record InMemory(int accepted) implements Offer {}

    /** All are in memory and on their way to the journal. */
    record Journaling(int accepted, CompletionStage<Void> durable) implements Offer {}

    /** All are in memory and on their way to the journal and to the table. */
    record Flushing(int accepted, CompletionStage<Void> durable, FlushTicket ticket) implements Offer {}

    /** The buffer has no room for new keys. */
    static Offer full() {
        return new Refused(Problem.unavailable("the buffer is full: the database does not keep up"));
    }

    /** The journal has no room in its queue. */
    static Offer journalBehind() {
        return new Refused(Problem.unavailable("the journal's queue is full: the disk does not keep up"));
    }
}
