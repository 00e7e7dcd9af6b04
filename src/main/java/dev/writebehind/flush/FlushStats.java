package dev.writebehind.flush;

import dev.writebehind.store.ChangeBatch;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.UpsertSession.Committed;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The counters of what the flusher did since the start. Safe for any thread. */
public final class FlushStats {
    private final LongAdder groups = new LongAdder();
    private final LongAdder batches = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder rowsChanged = new LongAdder();
    private volatile double idsLeft = Double.NaN;
    private final LongAdder rowsAhead = new LongAdder();
    private final LongAdder locked = new LongAdder();
    private final LongAdder resets = new LongAdder();
    private final LongAdder rowsDeleted = new LongAdder();
    private final LongAdder conflicts = new LongAdder();
    private final Map<DatabaseFailure, LongAdder> failures = new EnumMap<>(DatabaseFailure.class);
    private final LongAdder statements = new LongAdder();
    private volatile Observer observer = new Observer() {};
    private final LongAdder deadLetters = new LongAdder();
    private final LongAdder flushes = new LongAdder();
    private final LongAdder flushNanos = new LongAdder();

    FlushStats() {
        for (DatabaseFailure kind : DatabaseFailure.values()) {
            failures.put(kind, new LongAdder());
        }
    }

    /** The observer of single flushes and batches, told by the flusher's context. */
    public interface Observer {
        /** Takes note of a cycle in which something waited, which took so long. */
        default void flushed(long nanos) {}

        /** Takes note of a batch that is committed. */
        default void committed(int changes) {}
    }

    /** Has it told from now on, instead of another. */
    public void observe(Observer told) {
        observer = told;
    }

    void flushed(long nanos) {
        flushes.increment();
        flushNanos.add(nanos);
        observer.flushed(nanos);
    }

    void group() {
        groups.increment();
    }

    void committed(ChangeBatch batch, Committed done) {
        batches.increment();
        statements.add(done.statements());
        observer.committed(batch.size());
        if (batch instanceof ChangeBatch.Resets) {
            resets.add(batch.size());
            rowsDeleted.add(done.rows());
        } else {
            writes.add(batch.size());
            rowsChanged.add(done.rows());
            rowsAhead.add(done.ahead());
        }
    }

    void locked(int changes) {
        locked.add(changes);
    }

    void conflict() {
        conflicts.increment();
    }

    void deadLetter() {
        deadLetters.increment();
    }

    void failure(Throwable cause) {
        failures.getOrDefault(DatabaseFailure.of(cause), new LongAdder()).increment();
    }

    /** Returns how many flushes there were, of those in which something waited. */
    public long flushes() {
        return flushes.sum();
    }

    /** Returns how many nanoseconds they took together. */
    public long flushNanos() {
        return flushNanos.sum();
    }

    /** Returns how many groups of changes that somebody waited for were flushed between the cycles. */
    public long groups() {
        return groups.sum();
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

    /** Returns how many of them had been modified, by their own account, at a time that lay in the future. */
    public long rowsAhead() {
        return rowsAhead.sum();
    }

    void idsLeft(double share) {
        idsLeft = share;
    }

    /** Returns which part of the table's ids is left, from 0 to 1; NaN: not known yet. */
    public double idsLeft() {
        return idsLeft;
    }

    /** Returns how often a change was left to a later flush because another transaction held its row. */
    public long locked() {
        return locked.sum();
    }

    /** Returns how many course resets were carried out. */
    public long resets() {
        return resets.sum();
    }

    /** Returns how many rows they deleted. */
    public long rowsDeleted() {
        return rowsDeleted.sum();
    }

    /** Returns how many batches were tried again at once, for a deadlock or a lock wait. */
    public long conflicts() {
        return conflicts.sum();
    }

    /** Returns how many changes the database refused for what they hold. */
    public long deadLetters() {
        return deadLetters.sum();
    }

    /** Returns how many batches failed and were left to a later cycle. */
    public long failures() {
        return failures.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** Returns how many of them failed so. */
    public long failures(DatabaseFailure kind) {
        return failures.getOrDefault(kind, new LongAdder()).sum();
    }

    /** Returns how many statements the committed batches took, BEGIN and COMMIT not counted. */
    public long statements() {
        return statements.sum();
    }
}
