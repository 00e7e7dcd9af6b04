package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.Fence;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The verticle that brings the buffer's pending changes into the table, cycle by cycle: every {@code flush.interval},
 * or at once when {@code flush.threshold} keys wait; between cycles, what somebody waits for. One at a time, dead
 * letters that are tried again included; what a cycle can't flush waits for the next, after a pause that grows. No
 * failure, of whatever kind, ends the cycles. Confined to its verticle's context, except where a method says otherwise.
 */
public final class Flusher extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(Flusher.class);

    private final Supplier<FlushSettings> settings;
    private final Source source;
    private final Target target;
    private final Peers peers;
    private final Conditions conditions;
    private final DoubleSupplier random;
    private final FlushStats stats = new FlushStats();
    private final Waiters waiters = new Waiters();
    private final FlushHealth health;
    private final Parked parked;
    private final FlushSchedule schedule;
    private final Portion portion = new Portion();
    private final AtomicBoolean isAwaitedSignalled = new AtomicBoolean();
    private volatile @Nullable Cycle cycle;
    private @Nullable OutboxWatch outbox;
    private final Permit permit;
    private volatile boolean isFlushing;
    private volatile long oldestLeft = Long.MAX_VALUE;

    /** Creates the flusher of the only instance, for one deployment. */
    public Flusher(Supplier<FlushSettings> settings, Source source, Target target, Conditions conditions) {
        this(settings, source, target, conditions, Flusher::random);
    }

    Flusher(
            Supplier<FlushSettings> settings,
            Source source,
            Target target,
            Conditions conditions,
            DoubleSupplier random) {
        this(settings, source, target, conditions, random, new Role.Alone(), Peers.NONE);
    }

    /** Creates the flusher of one instance of several, which follows until it is to {@link #lead}. */
    public static Flusher ofOneOfSeveral(
            Supplier<FlushSettings> settings, Source source, Target target, Conditions conditions, Peers peers) {
        return new Flusher(settings, source, target, conditions, Flusher::random, new Role.Following(), peers);
    }

    private Flusher(
            Supplier<FlushSettings> settings,
            Source source,
            Target target,
            Conditions conditions,
            DoubleSupplier random,
            Role role,
            Peers peers) {
        this.settings = settings;
        this.source = source;
        this.target = target;
        this.permit = new Permit(role);
        this.peers = peers;
        this.conditions = conditions;
        this.random = random;
        this.health = new FlushHealth(source.buffer(), conditions);
        this.parked = new Parked(System::nanoTime, settings, conditions);
        this.schedule = new FlushSchedule(
                settings, random, new VertxTimers(), System::nanoTime, this::flush, this::flushAwaited);
    }

    private static double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    /**
     * The source of changes, with the clock by which they were received, and the place for those that the table can't
     * hold.
     */
    public record Source(CompletionBuffer buffer, ReceiptClock clock, DeadLetters deadLetters) {
        public Source {
            requireNonNull(buffer, "buffer");
            requireNonNull(clock, "clock");
            requireNonNull(deadLetters, "deadLetters");
        }
    }

    /** The destination of changes, and of the news of them; nothing touches the table until it is prepared. */
    public record Target(DatabaseSettings database, Supplier<TableState> table, Announcements announcements) {
        public Target {
            requireNonNull(database, "database");
            requireNonNull(table, "table");
            requireNonNull(announcements, "announcements");
        }

        /** Creates the destination of changes that nobody is told of. */
        public Target(DatabaseSettings database, Supplier<TableState> table) {
            this(database, table, Announcements.none());
        }

        boolean isPrepared() {
            return table.get() == TableState.PREPARED;
        }
    }

    @Override
    public Future<?> start() {
        Ledger ledger = new Ledger(vertx, source.buffer(), stats, peers);
        Burial burial = Burial.of(vertx, source.deadLetters());
        Lanes lanes = new Lanes(
                count -> UpsertSessions.create(
                        vertx, target.database(), count, target.announcements(), permit.fencing()),
                sessions -> new Lane(
                        new LaneConnection(vertx, sessions, stats, source.clock(), random),
                        burial,
                        ledger,
                        parked,
                        stats));
        Plan.Spread spread = target.announcements().isOn() ? Plan.Spread.LEARNERS : Plan.Spread.RANGES;
        cycle = new Cycle(vertx, settings, source.buffer(), parked, ledger, lanes, spread);
        if (target.announcements().isOn()) {
            outbox = OutboxWatch.begin(vertx, target.database(), target.announcements(), target::isPrepared);
        }
        watchThreshold();
        watchAwaited();
        schedule.start();
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        schedule.stop();
        waiters.stop(stopped());
        Future<?> closed = outbox == null ? Future.succeededFuture() : outbox.stop();
        return cycle == null ? closed : cycle.close().eventually(() -> closed);
    }

    /** Has changed settings take effect: what is under way goes on with those it began with. Safe for any thread. */
    public void settingsChanged() {
        Context own = context;
        if (own != null) {
            own.runOnContext(call -> {
                if (!schedule.isStopped()) {
                    watchThreshold();
                    schedule.reconsider();
                }
            });
        }
    }

    private void watchThreshold() {
        Context own = context;
        source.buffer()
                .onThreshold(settings.get().threshold(), () -> own.runOnContext(signal -> schedule.onThreshold()));
    }

    private void watchAwaited() {
        Context own = context;
        source.buffer().onAwaited(() -> {
            if (isAwaitedSignalled.compareAndSet(false, true)) {
                own.runOnContext(signal -> onAwaited());
            }
        });
    }

    /**
     * Completes when everything accepted before the call is in the table; fails with {@link FlushingPausedException}
     * while flushing is paused. Safe for any thread.
     */
    public Future<Void> flushAll() {
        return flushAll(source.clock().reserve(1));
    }

    /** As {@link #flushAll()}, of what was received up to then, microseconds since the epoch. */
    public Future<Void> flushAll(long receivedUpTo) {
        Promise<Void> passed = Promise.promise();
        context.runOnContext(call -> {
            if (!refuses(passed)) {
                waiters.awaitFlushOf(receivedUpTo, passed);
                schedule.now();
            }
        });
        return passed.future();
    }

    /**
     * Tries to bring the dead letter of that id into the table, and removes it if that works. It fails as the database
     * fails it, and never overwrites a newer value nor brings back what a reset undid. Safe for any thread.
     *
     * @return whether there was one
     */
    public Future<Boolean> retry(String id) {
        Promise<Boolean> done = Promise.promise();
        context.runOnContext(call -> {
            if (!refuses(done)) {
                waiters.awaitRetryOf(id, done);
                schedule.now();
            }
        });
        return done.future();
    }

    /** Lets nothing go to the table any more; completes when nothing is on its way there. Safe for any thread. */
    public Future<Void> pause() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(call -> {
            permit.pause(true);
            conditions.begin(
                    ConditionName.FLUSHING_PAUSED, "Nothing is flushed, what is accepted waits", "an operator");
            whenQuiet(done::complete);
        });
        return done.future();
    }

    /** Goes on flushing, at once. Safe for any thread. */
    public Future<Void> resume() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(call -> {
            permit.pause(false);
            conditions.end(Subject.PAUSE, "Flushing goes on; " + source.buffer().pendingKeys() + " keys wait");
            schedule.now();
            done.complete();
        });
        return done.future();
    }

    /** Begins to flush, as the one of several that holds that fence. To be called after {@link #letGo}. */
    public void lead(Fence fence) {
        context.runOnContext(call -> {
            permit.take(new Role.Leading(fence));
            schedule.now();
        });
    }

    /**
     * Lets another instance flush: completes once nothing is in flight here, nor will be. Safe for any thread.
     */
    public Future<Void> letGo() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(call -> {
            permit.take(new Role.Following());
            whenQuiet(() -> {
                requireNonNull(cycle).letGo();
                done.complete();
            });
        });
        return done.future();
    }

    private void whenQuiet(Runnable action) {
        Promise<Void> quiet = Promise.promise();
        quiet.future().onComplete(ended -> action.run());
        if (schedule.isFlushing()) {
            waiters.awaitQuiet(quiet);
        } else {
            quiet.complete();
        }
    }

    /** Returns this instance's part in flushing. Safe for any thread. */
    public Role role() {
        return permit.role();
    }

    /** Returns the settings, as they are at the moment. Safe for any thread. */
    public FlushSettings settings() {
        return settings.get();
    }

    /** Whether an operator paused flushing. Safe for any thread. */
    public boolean isPaused() {
        return permit.isPaused();
    }

    /** Returns why the last cycle flushed nothing, or not all; null while flushing works. Safe for any thread. */
    public @Nullable String failure() {
        return health.failure();
    }

    /**
     * Returns the receipt of the oldest write that is not in the table, microseconds since the epoch;
     * {@link Long#MAX_VALUE}: all are. Safe for any thread.
     */
    public long oldestPending() {
        Cycle own = cycle;
        long drained = isFlushing && own != null ? Math.min(oldestLeft, own.oldestDrained()) : oldestLeft;
        return Math.min(drained, source.buffer().oldestWaiting());
    }

    /** Returns the counters. Safe for any thread. */
    public FlushStats stats() {
        return stats;
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
            own.flushNothing()
                    .onFailure(failure -> log.debug("The journal's old entries are not renewed", failure))
                    .transform(renewed -> takeNote(LaneOutcome.CLEAN))
                    .onComplete(quiet -> proceed(LaneOutcome.CLEAN, false));
            return;
        }
        waiters.beginCycle();
        boolean anything = source.buffer().pendingKeys() > 0;
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
        if (source.buffer().pendingKeys() == 0 && !source.buffer().isAnyAwaited()) {
            own.rest();
            return Future.succeededFuture(LaneOutcome.CLEAN);
        }
        if (!target.isPrepared()) {
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
                && source.buffer().isAnyAwaited()
                && own.mayFlushPart()
                && permit.isGiven()
                && target.isPrepared();
    }

    private void onAwaited() {
        isAwaitedSignalled.set(false);
        if (isGroupDue()) {
            schedule.onAwaited();
        } else if (permit.isGiven() && source.buffer().isAnyAwaited()) {
            schedule.onThreshold();
        }
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
            long left = ended.oldestLeft() == Long.MIN_VALUE ? own.oldestDrained() : ended.oldestLeft();
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
            schedule.succeeded(more || source.buffer().isAnyAwaited(), false);
        }
    }

    /** The timers of the verticle's context. */
    private final class VertxTimers implements FlushSchedule.Timers {
        @Override
        public long set(long millis, Runnable task) {
            return vertx.setTimer(millis, timer -> task.run());
        }

        @Override
        public void cancel(long number) {
            vertx.cancelTimer(number);
        }
    }
}
