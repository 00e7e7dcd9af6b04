package dev.writebehind.completion;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The receipt times of the writes of one request, in their order: filled as the writes are taken, for a caller who asks
 * for them. Filled by one thread, and safe for any once they are {@link #known}.
 */
public final class Receipts {
    private final long[] stamps;
    private final CompletableFuture<Void> known = new CompletableFuture<>();
    private int filled;

    /** Creates those of that many writes, which are to be added. */
    public Receipts(int writes) {
        stamps = new long[writes];
    }

    /** Adds those of the next writes, which were received a microsecond apart. */
    public void add(long firstReceivedAt, int writes) {
        for (int i = 0; i < writes; i++) {
            stamps[filled++] = firstReceivedAt + i;
        }
        if (filled == stamps.length) {
            known.complete(null);
        }
    }

    /** Returns what completes once all are added; never, where the writes are not taken. */
    public CompletionStage<Void> known() {
        return known;
    }

    /** Returns how many there are. */
    public int count() {
        return stamps.length;
    }

    /** Returns that of one write, microseconds since the epoch, UTC. */
    public long at(int write) {
        return stamps[write];
    }
}
