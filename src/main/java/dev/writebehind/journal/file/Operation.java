package dev.writebehind.journal.file;

import dev.writebehind.completion.Change;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/** What is asked of the journal's thread; immutable. */
sealed interface Operation {
    /** Writes the change down. */
    record Append(Change change, LogEntry entry) implements Operation {}

    /** The entry is no longer needed. */
    record Release(LogEntry entry) implements Operation {}

    /** Completes once everything asked for before it is on disk. */
    record Sync(CompletableFuture<Void> done) implements Operation {}

    /** Ends the thread. */
    record Close() implements Operation {}

    static boolean hasAppends(Collection<Operation> operations) {
        return operations.stream().anyMatch(Append.class::isInstance);
    }
}
