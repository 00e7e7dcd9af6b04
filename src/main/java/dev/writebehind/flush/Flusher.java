package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.Drained;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the buffer's pending changes into the table, cycle by cycle: every {@code flush.interval}, or at once when
 * {@code flush.threshold} keys wait. One cycle at a time, dead letters that are tried again included; what a cycle
 * can't flush waits for the next, after a pause that grows. No failure, of whatever kind, ends the cycles. Confined to
 * its verticle's context, except where a method says otherwise.
 */
public final class Flusher extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(Flusher.class);

    private static final long IDS_NANOS = 60_000_000_000L;

    private final FlushSettings settings;
    private final DatabaseSettings database;
    private final CompletionBuffer buffer;
    private final DeadLetters deadLetters;
    private final ReceiptClock clock;
    private final BooleanSupplier tableReady;
    private final DoubleSupplier random;
    private final FlushStats stats = new FlushStats();
    private final Backoff backoff;
    private final FlushHealth health;
    private final Parked parked;
    private final List<Lane> lanes = new ArrayList<>();
    private List<Barrier> barriers = new ArrayList<>();
    private State state = new Stopped();
    private final List<Retry> retries = new ArrayList<>();
    private final List<Promise<Void>> pausing = new ArrayList<>();
    private @Nullable UpsertSessions sessions;
    private @Nullable Ledger ledger;
    private volatile boolean paused;
    private long idsSeenAt = System.nanoTime() - IDS_NANOS;

    /** Creates a flusher for one deployment; it touches the table only while {@code tableReady} says so. */
    public Flusher(
            FlushSettings settings,
            DatabaseSettings database,
            CompletionBuffer buffer,
            DeadLetters deadLetters,
            ReceiptClock clock,
            BooleanSupplier tableReady) {
        this(
                settings,
                database,
                buffer,
                deadLetters,
                clock,
                tableReady,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    Flusher(
            FlushSettings settings,
            DatabaseSettings database,
            CompletionBuffer buffer,
            DeadLetters deadLetters,
            ReceiptClock clock,
            BooleanSupplier tableReady,
            DoubleSupplier random) {
        this.settings = settings;
        this.database = database;
        this.buffer = buffer;
        this.deadLetters = deadLetters;
        this.clock = clock;
        this.tableReady = tableReady;
        this.random = random;
        this.health = new FlushHealth(buffer);
        this.backoff = new Backoff(settings.interval(), settings.maxBackoff(), random);
        this.parked = new Parked(System::nanoTime, settings.maxBackoff().toNanos(), settings.batchSize());
    }

    private sealed interface State {}

    /** A timer will start the next cycle; {@code backingOff}: not before, unless somebody asks for it. */
    private record Waiting(long timer, boolean backingOff) implements State {}

    /** A cycle is under way; {@code again}: the next follows at once. */
    private record Flushing(boolean again) implements State {}

    private record Stopped() implements State {}

    /** Waits until everything received up to that time is in the table. */
    private record Barrier(long receivedUpTo, Promise<Void> passed) {}

    /** Waits for the end of the next cycle, to try a dead letter again while nothing else is on its way. */
    private record Retry(String id, Promise<Boolean> done) {}

    @Override
    public Future<?> start() {
        UpsertSessions opened = UpsertSessions.create(vertx, database, settings.lanes());
        Ledger told = new Ledger(vertx, buffer, deadLetters, stats);
        sessions = opened;
        ledger = told;
        for (int i = 0; i < settings.lanes(); i++) {
            lanes.add(new Lane(vertx, opened, told, parked, stats, clock, random));
        }
        Context own = context;
        buffer.onThreshold(settings.threshold(), () -> own.runOnContext(signal -> onThreshold()));
        waitFor(settings.interval().toMillis(), false);
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        if (state instanceof Waiting waiting) {
            vertx.cancelTimer(waiting.timer());
        }
        state = new Stopped();
        failWaiting(new IllegalStateException("the flusher has stopped"));
        pausing.forEach(caller -> caller.fail("the flusher has stopped"));
        return sessions == null ? Future.succeededFuture() : sessions.close();
    }

    /**
     * Completes when everything accepted before the call is in the table; fails with {@link FlushingPausedException}
     * while flushing is paused. Safe for any thread.
     */
    public Future<Void> flushAll() {
        Promise<Void> passed = Promise.promise();
        long receivedUpTo = clock.reserve(1);
        context.runOnContext(call -> {
            if (refuses(passed)) {
                return;
            }
            barriers.add(new Barrier(receivedUpTo, passed));
            cycleNow();
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
            if (refuses(done)) {
                return;
            }
            retries.add(new Retry(id, done));
            cycleNow();
        });
        return done.future();
    }

    /** Lets nothing go to the table any more; completes when nothing is on its way there. Safe for any thread. */
    public Future<Void> pause() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(call -> {
            if (!paused) {
                log.info("Flushing is paused; what is accepted waits, until it is resumed or the service starts anew");
            }
            paused = true;
            if (state instanceof Flushing) {
                pausing.add(done);
            } else {
                done.complete();
            }
        });
        return done.future();
    }

    /** Goes on flushing, at once. Safe for any thread. */
    public Future<Void> resume() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(call -> {
            if (paused) {
                log.info("Flushing is resumed; {} keys wait", buffer.pendingKeys());
            }
            paused = false;
            cycleNow();
            done.complete();
        });
        return done.future();
    }

    /** Whether an operator paused flushing. Safe for any thread. */
    public boolean isPaused() {
        return paused;
    }

    /** Returns why the last cycle failed; null while flushing works. Safe for any thread. */
    public @Nullable Throwable failure() {
        return health.failure();
    }

    /** Returns the counters. Safe for any thread. */
    public FlushStats stats() {
        return stats;
    }

    private void onThreshold() {
        if (state instanceof Waiting waiting && waiting.backingOff()) {
            return;
        }
        cycleNow();
    }

    private void cycleNow() {
        if (state instanceof Waiting waiting) {
            vertx.cancelTimer(waiting.timer());
            cycle();
        } else if (state instanceof Flushing) {
            state = new Flushing(true);
        }
    }

    private void waitFor(long millis, boolean backingOff) {
        state = new Waiting(vertx.setTimer(Math.max(1, millis), timer -> cycle()), backingOff);
    }

    private boolean refuses(Promise<?> caller) {
        if (state instanceof Stopped) {
            caller.fail("the flusher has stopped");
            return true;
        }
        if (paused) {
            caller.fail(new FlushingPausedException());
        }
        return paused;
    }

    private void failWaiting(RuntimeException reason) {
        barriers.forEach(barrier -> barrier.passed().fail(reason));
        barriers.clear();
        retries.forEach(retry -> retry.done().fail(reason));
        retries.clear();
    }

    private void cycle() {
        state = new Flushing(false);
        long startedAt = System.nanoTime();
        if (paused) {
            failWaiting(new FlushingPausedException());
            release(parked.takeAll());
            vertx.executeBlocking(this::renewOutdated)
                    .onFailure(failure -> log.debug("The journal's old entries are not renewed", failure))
                    .onComplete(renewed -> proceed(LaneOutcome.CLEAN, startedAt));
            return;
        }
        List<Barrier> served = barriers;
        barriers = new ArrayList<>();
        Future.succeededFuture()
                .compose(begun -> flushPending())
                .transform(this::retryDeadLetters)
                .onComplete(result -> {
                    LaneOutcome ended = result.succeeded() ? result.result() : LaneOutcome.failed(result.cause());
                    try {
                        pass(served, ended);
                        proceed(ended, startedAt);
                    } catch (RuntimeException | Error bug) {
                        proceedAfter(bug);
                    }
                });
    }

    /** Keeps a fault between two cycles from ending them for good. */
    private void proceedAfter(Throwable bug) {
        if (state instanceof Flushing) {
            waitFor(settings.maxBackoff().toMillis(), true);
        }
        health.faultBetweenCycles(bug);
    }

    private boolean renewOutdated() {
        buffer.renewOutdated();
        return true;
    }

    private Future<LaneOutcome> flushPending() {
        if (buffer.pendingKeys() == 0) {
            return Future.succeededFuture(LaneOutcome.CLEAN);
        }
        release(parked.takeDue());
        return vertx.executeBlocking(this::drain)
                .compose(drained -> prepare(requireNonNull(drained)))
                .compose(this::flush);
    }

    private Drained drain() {
        buffer.renewOutdated();
        if (!tableReady.getAsBoolean()) {
            throw new TableNotReadyException();
        }
        return buffer.drain();
    }

    /** Whatever fails here is told with everything drained released. */
    private Future<Prepared> prepare(Drained drained) {
        List<Change> changes = new ArrayList<>(drained.resets());
        changes.addAll(drained.writes());
        return Future.succeededFuture()
                .compose(begun -> lanes.get(0).learn(changes))
                .compose(spellings -> vertx.executeBlocking(() ->
                        Prepared.of(Reconciled.of(drained, spellings), parked, settings.batchSize(), settings.lanes())))
                .map(Objects::requireNonNull)
                .onFailure(failure -> release(changes));
    }

    private Future<LaneOutcome> flush(Prepared prepared) {
        Ledger told = requireNonNull(ledger);
        Reconciled changes = prepared.changes();
        Plan plan = prepared.plan();
        changes.twins().forEach(told::standsFor);
        LaneOutcome before = told.release(LaneOutcome.CLEAN, changes.deferred());
        List<Future<LaneOutcome>> running = new ArrayList<>();
        // Within compose, so that whatever is thrown fails the lane and not the cycle.
        for (int i = 0; i < plan.lanes().size(); i++) {
            int lane = i;
            running.add(Future.succeededFuture()
                    .compose(begun -> lanes.get(lane).flush(plan.lanes().get(lane))));
        }
        return Future.join(running)
                .compose(all -> lookAtIds().map(all))
                .map(all -> running.stream().map(Future::result).reduce(before, LaneOutcome::and))
                .compose(outcome -> lanes.get(0).refuse(changes.refused(), 0, outcome))
                .map(outcome -> told.undone(outcome, changes.undone()))
                .map(outcome -> plan.hasResets() ? outcome.leftBehind(plan.oldestReset()) : outcome)
                .onFailure(bug -> {
                    release(parked.takeAll());
                    prepared.all().forEach(change -> told.release(LaneOutcome.CLEAN, List.of(change)));
                });
    }

    /** Once a minute, for the meters. What comes of it is nobody's concern but theirs. */
    private Future<?> lookAtIds() {
        long now = System.nanoTime();
        if (now - idsSeenAt < IDS_NANOS) {
            return Future.succeededFuture();
        }
        idsSeenAt = now;
        return lanes.get(0).idsLeft().onSuccess(stats::idsLeft).otherwise(failure -> {
            log.debug("The ids left can't be told", failure);
            return stats.idsLeft();
        });
    }

    private void release(List<? extends Change> changes) {
        requireNonNull(ledger).release(LaneOutcome.CLEAN, changes);
    }

    private Future<LaneOutcome> retryDeadLetters(AsyncResult<LaneOutcome> flushed) {
        LaneOutcome outcome = flushed.succeeded() ? flushed.result() : LaneOutcome.failed(flushed.cause());
        if (retries.isEmpty()) {
            return Future.succeededFuture(outcome);
        }
        Retry next = retries.remove(0);
        return retry(next).transform(tried -> {
            next.done().handle(tried);
            return retryDeadLetters(Future.succeededFuture(outcome));
        });
    }

    private Future<Boolean> retry(Retry retry) {
        return vertx.executeBlocking(() -> deadLetters.find(retry.id())).compose(found -> {
            Optional<DeadLetter> letter = requireNonNull(found);
            return letter.isEmpty()
                    ? Future.succeededFuture(false)
                    : lanes.get(0)
                            .flushAlone(letter.get().change())
                            .compose(stored -> vertx.executeBlocking(() -> deadLetters.remove(retry.id())))
                            .map(true);
        });
    }

    private void pass(List<Barrier> served, LaneOutcome outcome) {
        for (Barrier barrier : served) {
            if (Math.min(outcome.oldestLeft(), parked.oldest()) > barrier.receivedUpTo()) {
                barrier.passed().complete();
            } else {
                barriers.add(barrier);
            }
        }
    }

    private void proceed(LaneOutcome outcome, long startedAt) {
        if (state instanceof Stopped) {
            return;
        }
        // Barriers are left after a clean cycle when writes waited behind a reset, or something is parked.
        boolean again =
                state instanceof Flushing flushing && (flushing.again() || (!barriers.isEmpty() && parked.isEmpty()));
        pausing.forEach(Promise::complete);
        pausing.clear();
        Throwable cause = outcome.cause();
        health.ended(cause == null ? parked.wantOfIds() : cause);
        if (cause != null) {
            long pause = backoff.next().toMillis();
            boolean setup = DatabaseFailure.of(cause) == DatabaseFailure.SETUP;
            waitFor(setup ? settings.maxBackoff().toMillis() : pause, true);
            return;
        }
        backoff.reset();
        if (again && !paused) {
            cycle();
        } else {
            waitFor(settings.interval().toMillis() - (System.nanoTime() - startedAt) / 1_000_000, false);
        }
    }
}
