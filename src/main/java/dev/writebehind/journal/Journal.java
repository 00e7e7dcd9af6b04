package dev.writebehind.journal;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/**
 * The durable log of unsettled changes, which brings them back after a crash. Safe for any thread, but for
 * {@link #replay} and {@link #close}.
 */
public interface Journal extends ChangeLog, AutoCloseable {
    /**
     * Hands over every change that may not be in the table, with its entry in this journal, in the order in which they
     * were written down. What a later one replaces or undoes, the sink has to release. To be called once, before
     * anything is appended.
     *
     * @throws DamagedJournalException if something can't be read, although more follows
     * @throws UnusableJournalException if what holds it can't be read or written
     */
    Replay replay(BiConsumer<Change, Entry> sink);

    /**
     * Returns what completes, on the journal's thread, once everything appended before the call is durable; fails with
     * {@link JournalUnavailableException} if it is not.
     */
    CompletionStage<Void> sync();

    /** Returns whether appends are made durable at present, and why not. */
    JournalState state();

    /** Returns its figures. */
    JournalStats stats();

    /** Writes what is queued, and ends. */
    @Override
    void close();
}
