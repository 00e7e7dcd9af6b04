package dev.writebehind.core;

import dev.writebehind.buffer.FlushTicket;
import java.util.concurrent.CompletionStage;

/** Changes that journal and buffer were asked to take, by what their outcome still depends on; immutable. */
sealed interface Offer {
    /** Returns how many changes were taken. */
    int changes();

    /** None was taken. */
    record Refused(NotTaken no) implements Offer {
        @Override
        public int changes() {
            return 0;
        }
    }

    /** All are in memory, and nobody waits for more. */
    record InMemory(int changes) implements Offer {}

    /** All are in memory and on their way to the journal. */
    record Journaling(int changes, CompletionStage<Void> durable) implements Offer {}

    /** All are in memory and on their way to the journal and to the table. */
    record Flushing(int changes, CompletionStage<Void> durable, FlushTicket ticket) implements Offer {}
}
