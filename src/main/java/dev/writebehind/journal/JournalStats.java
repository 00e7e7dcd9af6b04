package dev.writebehind.journal;

import java.util.function.LongConsumer;

/** The figures of a journal. Safe for any thread. */
public final class JournalStats {
    private volatile LongConsumer observer = nanos -> {};
    private volatile int segments;
    private volatile long bytes;

    /** Has it told how long each forced write took, nanoseconds, from now on, instead of another. */
    public void observeSyncs(LongConsumer told) {
        observer = told;
    }

    /** Takes note of a forced write. */
    public void synced(long nanos) {
        observer.accept(nanos);
    }

    /** Takes note of what it holds. */
    public void holds(int newSegments, long newBytes) {
        segments = newSegments;
        bytes = newBytes;
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
