package dev.writebehind.flush;

import java.util.concurrent.atomic.LongAdder;

/** Counts what the flusher did since the start. Safe for any thread. */
public final class FlushStats {
    private final LongAdder batches = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder rowsChanged = new LongAdder();
    private final LongAdder conflicts = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder deadLetters = new LongAdder();

    void committed(int batchSize, int changed) {
        batches.increment();
        writes.add(batchSize);
        rowsChanged.add(changed);
    }

    void conflict() {
        conflicts.increment();
    }

    void deadLetter() {
        deadLetters.increment();
    }

    void failure() {
        failures.increment();
    }

    /** Returns how many batches were committed. */
    public long batches() {
        return batches.sum();
    }

    /** Returns how many coalesced writes these batches held. */
    public long writes() {
        return writes.sum();
    }

    /** Returns how many rows they inserted or updated, as the server counts them. */
    public long rowsChanged() {
        return rowsChanged.sum();
    }

    /** Returns how many batches were tried again at once, for a deadlock or a lock wait. */
    public long conflicts() {
        return conflicts.sum();
    }

    /** Returns how many writes the database refused for what they hold. */
    public long deadLetters() {
        return deadLetters.sum();
    }

    /** Returns how many batches failed and were left to a later cycle. */
    public long failures() {
        return failures.sum();
    }
}
