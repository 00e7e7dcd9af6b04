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
     * Appends what this instance tells the others, whatever the queue holds and before what waits in it, in the order
     * of the calls. Fails as {@link #append} does.
     */
    CompletionStage<Void> tell(Told told);

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

    /**
     * Returns the receipt time of the last change that the follower has taken, microseconds since the epoch, UTC; 0:
     * there was none.
     */
    long appliedUpTo();

    /**
     * Takes note, of the instance that flushes, that nobody needs what was received up to then any more: a new instance
     * may begin behind it, and it may be deleted. A time that lies before an earlier one is of no effect.
     */
    void forget(long upTo);

    /** Returns whether appends are made durable at present, and why not. */
    JournalState state();

    /** Whether that many further changes can be appended without the queue growing beyond its bound. */
    boolean hasRoom(int changes);
}
