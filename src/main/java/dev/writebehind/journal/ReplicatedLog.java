package dev.writebehind.journal;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A log that several instances append to, and that each of them follows from its beginning: what is appended gets its
 * order and its receipt times from the log. Never blocks; safe for any thread.
 */
public interface ReplicatedLog {
    /**
     * Appends a request's changes, all or none. Completes once they can't be lost; fails with
     * {@link JournalUnavailableException} if that is not known: they may be in the log or not.
     *
     * @param request this instance's own number of it, which comes back with the record
     */
    CompletionStage<Void> append(long request, LogRecord.Content content);

    /**
     * Completes once the follower has been handed everything that was appended, by whichever instance, before the call.
     * Fails with {@link JournalUnavailableException} while the log can't tell.
     */
    CompletionStage<Void> caughtUp();

    /**
     * Hands over every record, in the log's order and each once, on a thread of the log. To be called once, before
     * anything is appended. A follower that throws is not called again, and {@link #state} tells why.
     */
    void follow(Consumer<LogRecord> follower);

    /** Returns whether appends are made durable at present, and why not. */
    JournalState state();

    /** Whether that many further changes can be appended without the queue growing beyond its bound. */
    boolean hasRoom(int changes);
}
