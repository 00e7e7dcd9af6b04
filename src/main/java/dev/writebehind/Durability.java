package dev.writebehind;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.core.Administration.JournalView;
import dev.writebehind.core.Flushing;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.flush.DeadLetters;
import dev.writebehind.flush.Flusher;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The way in which what is acknowledged outlives a crash, with all of the service that depends on it: {@link OwnDisk}
 * for the only instance, {@link SharedLog} for one of several. Safe for any thread; to be used in the order of its
 * methods.
 */
interface Durability {
    /** Returns the buffer that fits it; to be asked for once. */
    CompletionBuffer buffer(Supplier<BufferSettings> settings, ReceiptClock clock);

    /** Returns the operations of the service. */
    WriteBehind operations(Supplier<Duration> ackTimeout);

    /** Returns the flusher, to be deployed. */
    Flusher flusher(
            Supplier<FlushSettings> settings, Flusher.Source source, Flusher.Target target, Conditions conditions);

    /** Returns whoever flushes all, by that instance's flusher or another's. */
    Flushing flushing(Flusher flusher);

    /** Returns what is told of the journal. */
    JournalView view();

    /** Returns the dead letters, kept where they outlive what the changes outlive. */
    DeadLetters deadLetters(KeyPool keys);

    /** Brings back what an earlier process left, before anything is flushed. */
    Future<?> restore();

    /** Begins whatever needs a flusher that is deployed, before requests are served. */
    Future<?> join(Flusher flusher);

    /**
     * Completes with the reason if this instance can't go on and has to be started anew: what it holds is not known to
     * be right any more.
     */
    CompletionStage<String> failure();

    /** Has everything pending flushed, where nobody else would before the next start. */
    Future<?> drain(Flusher flusher);

    /** Writes down what is pending and not yet written down. Returns how many keys could not be; blocks. */
    long record();

    /** Writes down the rest, and ends. Returns how many keys could not be; blocks. */
    long close();

    /** Returns what becomes of keys that are not in the table at the end: a clause of which they are the subject. */
    String leftTo();
}
