package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the buffer's pending writes into the table, cycle by cycle: every {@code flush.interval}, or at once when
 * {@code flush.threshold} keys wait. One cycle at a time; what a cycle can't flush waits for the next, after a pause
 * that grows. Confined to its verticle's context, except where a method says otherwise.
 */
public final class Flusher extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(Flusher.class);

    private final FlushSettings settings;
    private final DatabaseSettings database;
    private final CompletionBuffer buffer;
    private final DeadLetters deadLetters;
    private final ReceiptClock clock;
    private final BooleanSupplier tableReady;
    private final DoubleSupplier random;
    private final FlushStats stats = new FlushStats();
    private final Backoff backoff;
    private final List<Lane> lanes = new ArrayList<>();
    private List<Barrier> barriers = new ArrayList<>();
    private State state = new Stopped();
    private @Nullable UpsertSessions sessions;
    private @Nullable Lane retryLane;
    private boolean retrying;
    private volatile @Nullable Throwable failure;

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
        this.backoff = new Backoff(settings.interval(), settings.maxBackoff(), random);
    }

    private sealed interface State {}

    /** A timer will start the next cycle; {@code backingOff}: not before, unless somebody asks for it. */
    private record Waiting(long timer, boolean backingOff) implements State {}

    /** A cycle is under way; {@code again}: the next follows at once. */
    private record Flushing(boolean again) implements State {}

    private record Stopped() implements State {}

    /** Waits until everything received up to that time is in the table. */
    private record Barrier(long receivedUpTo, Promise<Void> passed) {}

    @Override
    public Future<?> start() {
        UpsertSessions opened = UpsertSessions.create(vertx, database, settings.lanes() + 1);
        sessions = opened;
        for (int i = 0; i < settings.lanes(); i++) {
            lanes.add(new Lane(vertx, opened, buffer, deadLetters, stats, random));
        }
        retryLane = new Lane(vertx, opened, buffer, deadLetters, stats, random);
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
        barriers.forEach(barrier -> barrier.passed().fail("the flusher stopped"));
        return sessions == null ? Future.succeededFuture() : sessions.close();
    }

    /** Completes when everything accepted before the call is in the table. Safe for any thread. */
    public Future<Void> flushAll() {
        Promise<Void> passed = Promise.promise();
        long receivedUpTo = clock.reserve(1);
        context.runOnContext(call -> {
            if (state instanceof Stopped) {
                passed.fail("the flusher has stopped");
                return;
            }
            barriers.add(new Barrier(receivedUpTo, passed));
            cycleNow();
        });
        return passed.future();
    }

    /**
     * Tries to bring a dead letter into the table, and removes it if that works. It fails as the database fails it, and
     * never overwrites a newer value. Safe for any thread.
     */
    public Future<Void> retry(DeadLetter letter) {
        Promise<Void> done = Promise.promise();
        context.runOnContext(call -> {
            Lane lane = retryLane;
            if (state instanceof Stopped || retrying || lane == null) {
                done.fail("another dead letter is being tried, or the flusher has stopped: try again later");
                return;
            }
            retrying = true;
            lane.flushAlone(letter.write())
                    .compose(stored -> vertx.executeBlocking(() -> deadLetters.remove(letter.id())))
                    .<Void>mapEmpty()
                    .onComplete(result -> {
                        retrying = false;
                        done.handle(result);
                    });
        });
        return done.future();
    }

    /** Returns why the last cycle failed; null while flushing works. Safe for any thread. */
    public @Nullable Throwable failure() {
        return failure;
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

    private void cycle() {
        state = new Flushing(false);
        long startedAt = System.nanoTime();
        List<Barrier> served = barriers;
        barriers = new ArrayList<>();
        Future.succeededFuture().compose(begun -> flushPending()).onComplete(result -> {
            LaneOutcome ended =
                    result.succeeded() ? result.result() : new LaneOutcome(result.cause(), true, Long.MIN_VALUE);
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
        failure = bug;
        if (state instanceof Flushing) {
            waitFor(settings.maxBackoff().toMillis(), true);
        }
        log.error("A fault between two flush cycles; the next one is tried in any case", bug);
    }

    private Future<LaneOutcome> flushPending() {
        if (buffer.pendingKeys() == 0) {
            return Future.succeededFuture(LaneOutcome.CLEAN);
        }
        return vertx.executeBlocking(this::plan).compose(plan -> flush(requireNonNull(plan)));
    }

    private List<List<List<CoalescedWrite>>> plan() {
        buffer.renewOutdated();
        if (!tableReady.getAsBoolean()) {
            throw new IllegalStateException("the table is not prepared yet: the database is away or not fit");
        }
        List<CoalescedWrite> drained = buffer.drain();
        try {
            return BatchPlanner.plan(drained, settings.batchSize(), settings.lanes());
        } catch (RuntimeException | Error e) {
            buffer.release(drained);
            throw e;
        }
    }

    private Future<LaneOutcome> flush(List<List<List<CoalescedWrite>>> plan) {
        List<Future<LaneOutcome>> running = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            running.add(lanes.get(i).flush(plan.get(i)));
        }
        return Future.join(running)
                .map(all -> running.stream().map(Future::result).reduce(LaneOutcome.CLEAN, LaneOutcome::and))
                .onFailure(bug -> plan.forEach(batches -> batches.forEach(buffer::release)));
    }

    private void pass(List<Barrier> served, LaneOutcome outcome) {
        for (Barrier barrier : served) {
            if (outcome.oldestLeft() > barrier.receivedUpTo()) {
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
        boolean again = state instanceof Flushing flushing && flushing.again();
        report(outcome.cause());
        if (outcome.cause() != null) {
            waitFor(backoff.next().toMillis(), true);
            return;
        }
        backoff.reset();
        if (again) {
            cycle();
        } else {
            waitFor(settings.interval().toMillis() - (System.nanoTime() - startedAt) / 1_000_000, false);
        }
    }

    private void report(@Nullable Throwable cause) {
        Throwable before = failure;
        if (cause != null && before == null) {
            log.warn(
                    "Flushing fails; {} keys wait and will be tried again until it works: {}",
                    buffer.pendingKeys(),
                    cause.toString());
        } else if (cause == null && before != null) {
            log.info("Flushing works again; {} keys wait", buffer.pendingKeys());
        }
        failure = cause;
    }
}
