package dev.writebehind.core;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.flush.DeadLetter;
import dev.writebehind.flush.DeadLetters;
import dev.writebehind.flush.FlushStats;
import dev.writebehind.flush.Flusher;
import dev.writebehind.flush.FlushingPausedException;
import dev.writebehind.journal.Journal;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalStats;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations for whoever looks after the service: status, flush, pause, resume, dead letters. Safe for any thread;
 * futures complete on the flusher's context.
 */
public final class Administration {
    private static final Logger log = LoggerFactory.getLogger(Administration.class);

    private final Supplier<Phase> phase;
    private final JournalView journal;
    private final CompletionBuffer buffer;
    private final Flusher flusher;
    private final Flushing flushing;
    private final DeadLetters deadLetters;
    private final Conditions conditions;
    private final Clock clock = Clock.systemUTC();

    /**
     * Creates the operations of the only instance.
     *
     * @param phase tells where the service is in its life
     */
    public Administration(
            Supplier<Phase> phase,
            Journal journal,
            CompletionBuffer buffer,
            Flusher flusher,
            DeadLetters deadLetters,
            Conditions conditions) {
        this(
                phase,
                new JournalView(journal::state, journal.stats()),
                buffer,
                flusher,
                Flushing.by(flusher),
                deadLetters,
                conditions);
    }

    /**
     * Creates the operations.
     *
     * @param phase tells where the service is in its life
     * @param flusher this instance's
     * @param flushing brings everything into the table, by whichever instance
     */
    public Administration(
            Supplier<Phase> phase,
            JournalView journal,
            CompletionBuffer buffer,
            Flusher flusher,
            Flushing flushing,
            DeadLetters deadLetters,
            Conditions conditions) {
        this.phase = phase;
        this.journal = journal;
        this.buffer = buffer;
        this.flusher = flusher;
        this.flushing = flushing;
        this.deadLetters = deadLetters;
        this.conditions = conditions;
    }

    /**
     * What is told of the journal.
     *
     * @param sharing tells of this instance's part among several; null: it is the only one
     */
    public record JournalView(
            Supplier<JournalState> state,
            JournalStats stats,
            @Nullable Supplier<Sharing> sharing) {
        /** That of the only instance. */
        public JournalView(Supplier<JournalState> state, JournalStats stats) {
            this(state, stats, null);
        }
    }

    /** Returns what tells of this instance's part among several; null: it is the only one. */
    public @Nullable Supplier<Sharing> sharing() {
        return journal.sharing();
    }

    /** Returns how the service is. */
    public Status status() {
        JournalState state = journal.state().get();
        return new Status(
                phase.get(),
                state.isHealthy(),
                state.explanation(),
                flusher.failure(),
                flusher.isPaused(),
                buffer.pendingKeys(),
                buffer.pendingBytes(),
                conditions.current());
    }

    /** Returns what is wrong at present, and tells of each name whether it holds. */
    public Conditions conditions() {
        return conditions;
    }

    /** Returns the counters of flushing. */
    public FlushStats flushStats() {
        return flusher.stats();
    }

    /** Brings everything accepted before the call into the table, or gives up waiting for that. Never fails. */
    public Future<FlushResult> flush(Duration limit) {
        return flushing.flushAll()
                .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .<FlushResult>map(flushed -> new FlushResult.Flushed())
                .otherwise(failure -> notFlushed(failure, limit));
    }

    private FlushResult notFlushed(Throwable failure, Duration limit) {
        log.debug("A flush that was asked for failed", failure);
        String reason = String.valueOf(failure.getMessage());
        if (failure instanceof FlushingPausedException) {
            return new FlushResult.Paused(reason);
        }
        if (failure instanceof TimeoutException) {
            String cause = flusher.failure();
            reason = "not within " + limit.toSeconds() + " s" + (cause == null ? "" : ": " + cause);
        }
        return new FlushResult.NotFlushed(reason);
    }

    /**
     * Lets no further flush begin. Completes with whether nothing is on its way to the table any more; it may still be
     * after that time. Never fails.
     */
    public Future<Boolean> pause(Duration limit) {
        return flushing.pause()
                .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .map(true)
                .otherwise(failure -> {
                    log.debug("A flush is still under way", failure);
                    return false;
                });
    }

    /** Lets flushes begin again, the next one at once. */
    public Future<Void> resume() {
        return flushing.resume();
    }

    /** Returns the keys and resets that are not yet in the table, in flight included. */
    public long pendingKeys() {
        return buffer.pendingKeys();
    }

    /** Returns the heap that they are charged with, bytes. */
    public long pendingBytes() {
        return buffer.pendingBytes();
    }

    /** Returns the settings of flushing, as they are at the moment. */
    public FlushSettings flushSettings() {
        return flusher.settings();
    }

    /** Returns the buffer's bounds, as they are at the moment. */
    public BufferSettings bounds() {
        return buffer.bounds();
    }

    /** Returns how many writes were folded into one that waited already. */
    public long coalesced() {
        return buffer.coalesced();
    }

    /** Returns for how long the oldest write has waited that is not in the table; zero: all are. */
    public Duration oldestPending() {
        long oldest = flushing.oldestPending();
        long nowMicros = clock.millis() * 1_000;
        return buffer.pendingKeys() == 0 || oldest >= nowMicros
                ? Duration.ZERO
                : Duration.of(nowMicros - oldest, ChronoUnit.MICROS);
    }

    /** Returns the journal's figures. */
    public JournalStats journalStats() {
        return journal.stats();
    }

    /** Returns how many dead letters there are; blocks. */
    public long deadLetterCount() {
        return deadLetters.count();
    }

    /** Returns the oldest dead letters of greater ids than that; blocks. */
    public List<DeadLetter> deadLetters(long after, int most) {
        return deadLetters.list(after, most);
    }

    /** Removes a dead letter, and returns whether there was one of that id; blocks. */
    public boolean removeDeadLetter(String id) {
        return deadLetters.remove(id);
    }

    /**
     * Tries to bring a dead letter into the table, and removes it if that works; completes with whether there was one
     * of that id. Fails as the database fails it.
     */
    public Future<Boolean> retryDeadLetter(String id) {
        return flushing.retry(id);
    }
}
