package dev.writebehind.core;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.FlushTicket;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.Receipts;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.journal.Journal;
import dev.writebehind.journal.JournalState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The acceptance that folds changes into the buffer, which stamps them and has what they become part of written to the
 * instance's own journal under the same lock: their order is the buffer's. Safe for any thread.
 */
final class FoldFirst implements Acceptance {
    private static final CompletionStage<Void> NOW = CompletableFuture.completedStage(null);

    private final Journal journal;
    private final CompletionBuffer buffer;

    FoldFirst(Journal journal, CompletionBuffer buffer) {
        this.journal = journal;
        this.buffer = buffer;
    }

    @Override
    public JournalState state() {
        return journal.state();
    }

    @Override
    public Offer take(List<CompletionWrite> writes, Acknowledgement wanted, @Nullable Receipts receipts) {
        if (wanted == Acknowledgement.MEMORY) {
            return buffer.offer(writes, null, receipts) ? new Offer.InMemory(writes.size()) : Offer.Refused.BUFFER_FULL;
        }
        if (!journal.hasRoom(writes.size())) {
            return Offer.Refused.JOURNAL_BEHIND;
        }
        FlushTicket ticket = ticket(wanted);
        return buffer.offerRecorded(writes, ticket, receipts)
                ? Offer.of(writes.size(), journal.sync(), ticket)
                : Offer.Refused.BUFFER_FULL;
    }

    @Override
    public Offer reset(LearnerCourse learnerCourse, long before, Acknowledgement wanted) {
        if (!journal.hasRoom(1)) {
            return Offer.Refused.JOURNAL_BEHIND;
        }
        FlushTicket ticket = ticket(wanted);
        return buffer.reset(learnerCourse, before, ticket)
                ? Offer.of(1, journal.sync(), ticket)
                : Offer.Refused.BUFFER_FULL;
    }

    @Override
    public CompletionStage<Void> caughtUp() {
        return NOW;
    }

    /** {@inheritDoc} Nobody asks: it always shows all. */
    @Override
    public long appliedUpTo() {
        return Long.MAX_VALUE;
    }

    private static @Nullable FlushTicket ticket(Acknowledgement wanted) {
        return wanted == Acknowledgement.DATABASE ? new FlushTicket() : null;
    }
}
