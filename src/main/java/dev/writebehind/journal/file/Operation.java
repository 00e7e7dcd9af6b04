package dev.writebehind.journal.file;

import dev.writebehind.completion.Change;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/** An operation that is asked of the journal's thread; immutable. */
sealed interface Operation {
    /** The append of a change. */
    record Append(Change change, LogEntry entry) implements Operation {}

    /** The release of an entry that is no longer needed. */
    record Release(LogEntry entry) implements Operation {}

    /** A sync, which completes once everything asked for before it is on disk; one for all who wait for a group. */
    record Sync(CompletableFuture<Void> done) implements Operation {}

    /** The wake-up of the thread, for somebody waits for it. */
    record Wake() implements Operation {}

    /** The end of the thread. */
    record Close() implements Operation {}

    static boolean hasAppends(Collection<Operation> operations) {
        return operations.stream().anyMatch(Append.class::isInstance);
    }
}
