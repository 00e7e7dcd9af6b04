package dev.writebehind.core;

import dev.writebehind.completion.Change;
import dev.writebehind.journal.Journal;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalStats;
import dev.writebehind.journal.Replay;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A journal whose disk can be told to be slow, full or broken, as seen from above; otherwise the one that it stands
 * for.
 */
final class SwitchedJournal implements Journal {
    private final Journal journal;
    volatile boolean hasRoom = true;
    volatile JournalState state = new JournalState.Healthy();
    /** What the next syncs return; null: what the journal says. */
    volatile @Nullable CompletableFuture<Void> sync;

    SwitchedJournal(Journal journal) {
        this.journal = journal;
    }

    @Override
    public Replay replay(BiConsumer<Change, Entry> sink) {
        return journal.replay(sink);
    }

    @Override
    public CompletionStage<Void> sync() {
        CompletableFuture<Void> own = sync;
        return own == null ? journal.sync() : own;
    }

    @Override
    public JournalState state() {
        return state;
    }

    @Override
    public JournalStats stats() {
        return journal.stats();
    }

    @Override
    public Entry append(Change change, @Nullable Entry previous) {
        return journal.append(change, previous);
    }

    @Override
    public void release(Entry entry) {
        journal.release(entry);
    }

    @Override
    public boolean hasOutdated() {
        return journal.hasOutdated();
    }

    @Override
    public boolean isOutdated(Entry entry) {
        return journal.isOutdated(entry);
    }

    @Override
    public boolean isWritten(Entry entry) {
        return journal.isWritten(entry);
    }

    @Override
    public boolean hasRoom(int changes) {
        return hasRoom && journal.hasRoom(changes);
    }

    @Override
    public void close() {
        journal.close();
    }
}
