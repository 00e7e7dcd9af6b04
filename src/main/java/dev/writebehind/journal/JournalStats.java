package dev.writebehind.journal;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/** The figures of a journal. Safe for any thread. */
public final class JournalStats {
    private volatile LongConsumer observer = nanos -> {};
    private final LongAdder syncs = new LongAdder();
    private final LongAdder syncNanos = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile int segments;
    private volatile long bytes;

    /** Has it told how long each forced write took, nanoseconds, from now on, instead of another. */
    public void observeSyncs(LongConsumer told) {
        observer = told;
    }

    /** Takes note of a forced write. */
    public void synced(long nanos) {
        syncs.increment();
        syncNanos.add(nanos);
        observer.accept(nanos);
    }

    /** Takes note of an append of which it is not known that it is durable. */
    public void refused() {
        refused.increment();
    }

    /** Returns how many of these there were. */
    public long refusals() {
        return refused.sum();
    }

    /** Takes note of what it holds. */
    public void holds(int newSegments, long newBytes) {
        segments = newSegments;
        bytes = newBytes;
    }

    /** Returns how many forced writes there were. */
    public long syncs() {
        return syncs.sum();
    }

    /** Returns how many nanoseconds they took together. */
    public long syncNanos() {
        return syncNanos.sum();
    }

    /** Returns how many files it has. */
    public int segments() {
        return segments;
    }

    /** Returns how many bytes they hold. */
    public long bytes() {
        return bytes;
    }
}
