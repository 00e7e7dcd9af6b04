package dev.writebehind.ingest;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.FlushTicket;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.journal.Journal;
import java.util.List;

/** Offers the writes of a request to journal and buffer, all or none. Safe for any thread. */
final class Offering {
    private final Journal journal;
    private final CompletionBuffer buffer;

    Offering(Journal journal, CompletionBuffer buffer) {
        this.journal = journal;
        this.buffer = buffer;
    }

    Offer offer(List<CompletionWrite> writes, Acknowledgement ack) {
        int count = writes.size();
        if (ack == Acknowledgement.MEMORY) {
            return buffer.offer(writes, null) ? new Offer.InMemory(count) : Offer.full();
        }
        if (!journal.hasRoom(count)) {
            return Offer.journalBehind();
        }
        if (ack == Acknowledgement.JOURNAL) {
            return buffer.offerRecorded(writes, null) ? new Offer.Journaling(count, journal.sync()) : Offer.full();
        }
        FlushTicket ticket = new FlushTicket();
        return buffer.offerRecorded(writes, ticket) ? new Offer.Flushing(count, journal.sync(), ticket) : Offer.full();
    }
}
