package dev.writebehind.journal;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** Keeps unsettled changes across crashes. Safe for any thread, but for {@link #replay} and {@link #close}. */
public interface Journal extends ChangeLog, AutoCloseable {
    /**
     * Hands over every change that may not be in the table, with its entry in this journal, in the order in which they
     * were written down. What a later one replaces or undoes, the sink has to release. To be called once, before
     * anything is appended.
     *
     * @throws DamagedJournalException if something in the middle can't be read; nothing is changed then
     * @throws UnusableJournalException if the directory can't be read or written
     */
    Replay replay(BiConsumer<Change, Entry> sink);

    /**
     * Returns what completes, on the journal's thread, once everything appended before the call is on disk; fails with
     * {@link JournalUnavailableException} if it could not be written.
     */
    CompletionStage<Void> sync();

    /** Returns whether appends are made durable at present, and why not. */
    JournalState state();

    /** Fails if what is written below the journal's directory now would not be found by the next start. */
    void requirePresent() throws IOException;

    /** Writes what is queued and lets go of the directory. */
    @Override
    void close();
}
