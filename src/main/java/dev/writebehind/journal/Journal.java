package dev.writebehind.journal;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.RunLog;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** Keeps unsettled runs across crashes. Safe for any thread, but for {@link #replay} and {@link #close}. */
public interface Journal extends RunLog, AutoCloseable {
    /**
     * Hands over every run that may not be in the table, the newest state of each key, with its entry in this journal.
     * To be called once, before anything is appended.
     *
     * @throws DamagedJournalException if something in the middle can't be read; nothing is changed then
     */
    Replay replay(BiConsumer<CoalescedWrite, Entry> sink);

    /**
     * Returns what completes, on the journal's thread, once everything appended before the call is on disk; fails with
     * {@link JournalUnavailableException} if it could not be written.
     */
    CompletionStage<Void> sync();

    /** Returns whether appends are made durable at present, and why not. */
    JournalState state();

    /** Whether that many further runs can be appended without the queue growing beyond its bound. */
    boolean hasRoom(int runs);

    /** Writes what is queued and lets go of the directory. */
    @Override
    void close();
}
