package dev.writebehind.buffer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A completion handle for the changes offered with it: it completes once all of them are in the table. One ticket, one
 * offer. Safe for any thread.
 */
public final class FlushTicket {
    private final CompletableFuture<Void> flushed = new CompletableFuture<>();
    /** Keys still to be settled, and one more until the offer is wholly applied. */
    private final AtomicInteger open = new AtomicInteger(1);

    /** Returns what completes once every write is in the table; on the thread that settled the last one. */
    public CompletionStage<Void> flushed() {
        return flushed;
    }

    /** Gives up waiting: the buffer forgets the ticket. */
    public void cancel() {
        flushed.cancel(false);
    }

    /** One of the writes will never be in the table. */
    void refuse(RefusedByDatabaseException refusal) {
        flushed.completeExceptionally(refusal);
    }

    boolean isOver() {
        return flushed.isDone();
    }

    void attach() {
        open.incrementAndGet();
    }

    void settle() {
        if (open.decrementAndGet() == 0) {
            flushed.complete(null);
        }
    }
}
