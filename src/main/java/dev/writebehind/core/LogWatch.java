package dev.writebehind.core;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.blocking.Later;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.ReplicatedLog;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The look at a shared log once a second: whether it takes changes and gives them, how far behind its end this instance
 * is, what it waits for, and whether anybody flushes. Safe for any thread.
 */
final class LogWatch {
    /** A takeover takes less, with the usual time-outs. */
    static final Duration SILENCE = Duration.ofSeconds(30);

    private static final Logger log = LoggerFactory.getLogger(LogWatch.class);
    private static final long PAUSE_MILLIS = 1_000;
    /** The look at all that waits takes up that part of the time at most. */
    private static final long RESTS = 20;

    private final ReplicatedLog shared;
    private final CompletionBuffer buffer;
    private final BooleanSupplier isFlushing;
    private final Conditions conditions;
    private final LongSupplier nanos;
    private volatile long oldestUnsettled = Long.MAX_VALUE;
    private volatile boolean isAtEnd = true;
    private volatile long atEndAt;
    private volatile boolean isAsking;
    private volatile long heardAt;
    private volatile boolean isPaused;

    /** @param isFlushing whether this instance is the one that flushes */
    LogWatch(
            ReplicatedLog shared,
            CompletionBuffer buffer,
            BooleanSupplier isFlushing,
            Conditions conditions,
            LongSupplier nanos) {
        this.shared = shared;
        this.buffer = buffer;
        this.isFlushing = isFlushing;
        this.conditions = conditions;
        this.nanos = nanos;
        this.atEndAt = nanos.getAsLong();
        this.heardAt = atEndAt;
    }

    /** Looks time and again from now on. */
    void begin(Vertx vertx) {
        look();
        long began = nanos.getAsLong();
        Future<Long> oldest = isFlushing.getAsBoolean()
                ? Future.succeededFuture(Long.MAX_VALUE)
                : Blocking.callApart(vertx, buffer.followedLog()::oldestUnsettled);
        oldest.onComplete(found -> {
            if (found.succeeded()) {
                oldestUnsettled = found.result();
            }
            long took = (nanos.getAsLong() - began) / 1_000_000;
            Later.run(vertx, Math.max(PAUSE_MILLIS, RESTS * took), () -> begin(vertx));
        });
    }

    /** Takes note that an instance has flushed, or means to, or is told not to. */
    void heardOfFlushing(boolean paused) {
        isPaused = paused;
        heardAt = nanos.getAsLong();
    }

    /** Takes note that an instance has flushed, or means to. */
    void heardOfFlushing() {
        heardOfFlushing(isPaused);
    }

    /** Returns for how long this instance has not been at the log's end; zero: it was when it last looked. */
    Duration behind() {
        return isAtEnd ? Duration.ZERO : Duration.ofNanos(nanos.getAsLong() - atEndAt);
    }

    /**
     * Returns the receipt of the oldest change that was not in the table at the last look, microseconds since the
     * epoch; the greatest: all were.
     */
    long oldestUnsettled() {
        return oldestUnsettled;
    }

    void look() {
        tellState(shared.state());
        tellSilence();
        if (isAsking) {
            isAtEnd = false; // a second has passed without an answer
            return;
        }
        isAsking = true;
        long asked = nanos.getAsLong();
        shared.caughtUp().whenComplete((caughtUp, failure) -> {
            if (failure == null) {
                atEndAt = asked;
            } else {
                log.debug("It is not known how far the log goes", failure);
            }
            isAtEnd = failure == null;
            isAsking = false;
        });
    }

    private void tellState(JournalState state) {
        if (state instanceof JournalState.Failed) {
            conditions.begin(
                    ConditionName.LOG_UNREADABLE,
                    "Nothing is acknowledged here, and nothing of the log read any more",
                    state.explanation());
        } else if (state.isHealthy()) {
            conditions.end(Subject.JOURNAL, "The log takes changes again");
        } else {
            conditions.begin(ConditionName.LOG_AWAY, "Nothing is acknowledged", state.explanation());
        }
    }

    /** Who flushes knows by itself what is in its way. */
    private void tellSilence() {
        long now = nanos.getAsLong();
        if (isPaused
                || isFlushing.getAsBoolean()
                || buffer.pendingKeys() == 0
                || !shared.state().isHealthy()) {
            heardAt = now;
        }
        if (now - heardAt < SILENCE.toNanos()) {
            conditions.end(Subject.SILENCE, "An instance flushes, or nothing waits to be flushed");
        } else {
            conditions.begin(
                    ConditionName.FLUSHER_SILENT,
                    "Nothing comes into the table, as far as this instance is told",
                    "for " + SILENCE.toSeconds() + " s and more no instance has told of anything that it has flushed,"
                            + " and changes wait for that");
        }
    }
}
