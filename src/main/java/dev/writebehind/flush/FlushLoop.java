package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.store.DatabaseFailure;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cycles of a flusher, and the groups between them, one after the other: each as the schedule begins it, in the
 * measure that the permit gives, with word to all who wait for it. No failure, of whatever kind, ends them. Confined to
 * the flusher's context, except where a method says otherwise.
 */
final class FlushLoop {
    private static final Logger log = LoggerFactory.getLogger(FlushLoop.class);

    private final Supplier<FlushSettings> settings;
    private final CompletionBuffer buffer;
    private final BooleanSupplier isPrepared;
    private final Permit permit;
    private final Peers peers;
    private final FlushHealth health;
    private final Parked parked;
    private final FlushStats stats = new FlushStats();
    private final Waiters waiters = new Waiters();
    private final Portion portion = new Portion();
    private final FlushSchedule schedule;
    private volatile @Nullable Cycle cycle;
    private volatile boolean isFlushing;
    private volatile long oldestLeft = Long.MAX_VALUE;

    /**
     * Creates it; nothing runs yet.
     *
     * @param isPrepared whether the table may be touched
     */
    FlushLoop(
            Supplier<FlushSettings> settings,
            CompletionBuffer buffer,
            BooleanSupplier isPrepared,
            Permit permit,
            Peers peers,
            Conditions conditions,
            DoubleSupplier random,
            FlushSchedule.Timers timers) {
        this.settings = settings;
        this.buffer = buffer;
        this.isPrepared = isPrepared;
        this.permit = permit;
        this.peers = peers;
        this.health = new FlushHealth(buffer, conditions);
        this.parked = new Parked(System::nanoTime, settings, conditions);
        this.schedule = new FlushSchedule(settings, random, timers, System::nanoTime, this::flush, this::flushAwaited);
    }

    /** Returns what waits apart, for a lane that parks something. */
    Parked parked() {
        return parked;
    }

    /** Returns the counters. Safe for any thread. */
    FlushStats stats() {
        return stats;
    }

    /** Begins, by those steps. */
    void begin(Cycle steps) {
        cycle = steps;
        schedule.start();
    }

    /** Begins nothing any more, and closes the connections. */
    Future<?> stop() {
        schedule.stop();
        waiters.stop(stopped());
        Cycle own = cycle;
        return own == null ? Future.succeededFuture() : own.close();
    }

    boolean isStopped() {
        return schedule.isStopped();
    }

    /** Has changed settings take effect. */
    void reconsider() {
        schedule.reconsider();
    }

    /** Begins a cycle, or has one follow what is under way. */
    void now() {
        schedule.now();
    }

    /** Takes note that enough waits for a cycle. */
    void onThreshold() {
        schedule.onThreshold();
    }

    /** Takes note that somebody waits for a change in particular. */
    void onAwaited() {
        if (isGroupDue()) {
            schedule.onAwaited();
        } else if (permit.isGiven() && buffer.isAnyAwaited()) {
            schedule.onThreshold();
        }
    }

    /** Completes that once all is in the table that was received up to then, or fails it. */
    void awaitFlushOf(long receivedUpTo, Promise<Void> passed) {
        if (!refuses(passed)) {
            waiters.awaitFlushOf(receivedUpTo, passed);
            schedule.now();
        }
    }

    /** Completes that once the dead letter of that id was tried, with whether there was one, or fails it. */
    void awaitRetryOf(String id, Promise<Boolean> done) {
        if (!refuses(done)) {
            waiters.awaitRetryOf(id, done);
            schedule.now();
        }
    }

    /** Runs that once nothing is under way. */
    void whenQuiet(Runnable action) {
        Promise<Void> quiet = Promise.promise();
        quiet.future().onComplete(ended -> action.run());
        if (schedule.isFlushing()) {
            waiters.awaitQuiet(quiet);
        } else {
            quiet.complete();
        }
    }

    /** Lets the buffer have back what waits apart, and the connections go. To be called while nothing is under way. */
    void letGo() {
        requireNonNull(cycle).letGo();
    }

    /** Returns why the last cycle flushed nothing, or not all; null while flushing works. Safe for any thread. */
    @Nullable
    String failure() {
        return health.failure();
    }

    /** As {@link Flusher#oldestPending}. Safe for any thread. */
    long oldestPending() {
        Cycle own = cycle;
        long drained = isFlushing && own != null ? Math.min(oldestLeft, own.oldestDrained()) : oldestLeft;
        return Math.min(drained, buffer.oldestWaiting());
    }

    private boolean refuses(Promise<?> caller) {
        if (schedule.isStopped()) {
            caller.fail(stopped());
            return true;
        }
        if (permit.isPaused()) {
            caller.fail(permit.refusal());
        }
        return permit.isPaused();
    }

    private static IllegalStateException stopped() {
        return new IllegalStateException("the flusher has stopped");
    }

    private void flush() {
        Cycle own = requireNonNull(cycle);
        if (!permit.isGiven()) {
            waiters.refuse(permit.refusal());
            Future.succeededFuture()
                    .compose(begun -> own.flushNothing())
                    .otherwise(failure -> {
                        log.debug("The journal's old entries are not renewed", failure);
                        return null;
                    })
                    .compose(renewed -> takeNote(LaneOutcome.CLEAN))
                    .onComplete(result -> end(result, quiet -> proceed(LaneOutcome.CLEAN, false)));
            return;
        }
        waiters.beginCycle();
        boolean anything = buffer.pendingKeys() > 0;
        long begin = System.nanoTime();
        isFlushing = true;
        Future.succeededFuture()
                .compose(begun -> flushPending(own))
                .transform(flushed -> {
                    LaneOutcome ended = outcome(flushed);
                    takeNoteOfAge(ended, own, Long.MAX_VALUE);
                    if (anything) {
                        stats.flushed(System.nanoTime() - begin);
                    }
                    return takeNote(ended);
                })
                .compose(ended -> waiters.retryAll(own::retry).map(ended))
                .onComplete(result -> end(result, ended -> {
                    waiters.endCycle(Math.min(ended.oldestLeft(), parked.oldest()));
                    portion.ended(own.isCutShort());
                    proceed(ended, own.hasMore());
                }));
    }

    private void flushAwaited() {
        Cycle own = requireNonNull(cycle);
        isFlushing = true;
        Future.succeededFuture()
                .compose(begun -> own.flushAwaited())
                .transform(flushed -> {
                    LaneOutcome ended = outcome(flushed);
                    takeNoteOfAge(ended, own, oldestLeft);
                    stats.group();
                    return takeNote(ended);
                })
                .onComplete(result -> end(result, ended -> proceed(ended, own.hasMore())));
    }

    /** A fault between two cycles must not end them for good. */
    private void end(AsyncResult<LaneOutcome> result, Consumer<LaneOutcome> proceeding) {
        try {
            if (result.failed()) {
                health.faultBetweenCycles(result.cause());
            }
            proceeding.accept(outcome(result));
        } catch (RuntimeException | Error bug) {
            schedule.goOn();
            health.faultBetweenCycles(bug);
        }
    }

    private Future<LaneOutcome> flushPending(Cycle own) {
        if (buffer.pendingKeys() == 0 && !buffer.isAnyAwaited()) {
            own.rest();
            return Future.succeededFuture(LaneOutcome.CLEAN);
        }
        if (!isPrepared.getAsBoolean()) {
            return own.renewOutdated().map(LaneOutcome.UNTRIED);
        }
        return waiters.areForThisCycle()
                ? own.flushPending(Integer.MAX_VALUE, () -> !permit.role().mayFlush())
                : own.flushPending(portion.changes(settings.get()), this::isGroupDue);
    }

    /** Whether somebody waits for what may be flushed by itself, now. */
    private boolean isGroupDue() {
        Cycle own = cycle;
        return own != null
                && buffer.isAnyAwaited()
                && own.mayFlushPart()
                && permit.isGiven()
                && isPrepared.getAsBoolean();
    }

    private static boolean isFenced(LaneOutcome outcome) {
        Throwable cause = outcome.cause();
        return cause != null && DatabaseFailure.of(cause) == DatabaseFailure.FENCED;
    }

    private static LaneOutcome outcome(AsyncResult<LaneOutcome> result) {
        return result.succeeded() ? result.result() : LaneOutcome.failed(result.cause());
    }

    /** What a failed cycle has drained waits again, in whatever order. */
    private void takeNoteOfAge(LaneOutcome ended, Cycle own, long others) {
        if (!ended.equals(LaneOutcome.UNTRIED)) {
            long left = ended.oldestLeft() == Long.MIN_VALUE
                    ? Math.min(oldestLeft, own.oldestDrained())
                    : ended.oldestLeft();
            oldestLeft = Math.min(others, Math.min(left, parked.oldest()));
        }
        isFlushing = false;
    }

    /** Before anybody is told: whoever learns that a flush is done finds that flushing works. */
    private Future<LaneOutcome> takeNote(LaneOutcome outcome) {
        if (isFenced(outcome)) {
            permit.take(new Role.Following());
            peers.fenced();
            return Future.succeededFuture(outcome.because(null, true));
        }
        if (!schedule.isStopped()) {
            if (outcome.equals(LaneOutcome.UNTRIED)) {
                health.waitsForTable();
            } else {
                health.ended(outcome.cause() == null ? parked.wantOfIds() : outcome.cause());
            }
        }
        return Future.succeededFuture(outcome);
    }

    private void proceed(LaneOutcome outcome, boolean hasMore) {
        if (schedule.isStopped()) {
            return;
        }
        // After a clean cycle somebody waits still when writes waited behind a reset, or something is parked.
        boolean more = hasMore || (waiters.areForAnotherCycle() && parked.isEmpty());
        waiters.onQuiet();
        Throwable cause = outcome.cause();
        if (cause != null) {
            schedule.failed(DatabaseFailure.of(cause) != DatabaseFailure.SETUP);
        } else if (outcome.equals(LaneOutcome.UNTRIED)) {
            schedule.failed(true);
        } else if (!permit.isGiven()) {
            schedule.rest();
        } else if (isGroupDue()) {
            schedule.succeeded(more, true);
        } else {
            schedule.succeeded(more || buffer.isAnyAwaited(), false);
        }
    }
}
