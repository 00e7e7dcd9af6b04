package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.store.Fence;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The verticle that brings the buffer's pending changes into the table, cycle by cycle: every {@code flush.interval},
 * or at once when {@code flush.threshold} keys wait; between cycles, what somebody waits for. One at a time, dead
 * letters that are tried again included; what a cycle can't flush waits for the next, after a pause that grows. No
 * failure, of whatever kind, ends the cycles. Confined to its verticle's context, except where a method says otherwise.
 */
public final class Flusher extends VerticleBase {
    private final Supplier<FlushSettings> settings;
    private final Source source;
    private final Target target;
    private final Peers peers;
    private final Conditions conditions;
    private final DoubleSupplier random;
    private final AtomicBoolean isAwaitedSignalled = new AtomicBoolean();
    private @Nullable OutboxWatch outbox;
    private final Permit permit;
    private final FlushLoop loop;

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
        this.loop = new FlushLoop(
                settings, source.buffer(), target::isPrepared, permit, peers, conditions, random, new VertxTimers());
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
        FlushStats stats = loop.stats();
        Parked parked = loop.parked();
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
        if (target.announcements().isOn()) {
            outbox = OutboxWatch.begin(vertx, target.database(), target.announcements(), target::isPrepared);
        }
        watchThreshold();
        watchAwaited();
        loop.begin(new Cycle(vertx, settings, source.buffer(), parked, ledger, lanes, spread));
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return loop.stop().eventually(() -> outbox == null ? Future.succeededFuture() : outbox.stop());
    }

    /** Has changed settings take effect: what is under way goes on with those it began with. Safe for any thread. */
    public void settingsChanged() {
        Context own = context;
        if (own != null) {
            own.runOnContext(call -> {
                if (!loop.isStopped()) {
                    watchThreshold();
                    loop.reconsider();
                }
            });
        }
    }

    private void watchThreshold() {
        Context own = context;
        source.buffer().onThreshold(settings.get().threshold(), () -> own.runOnContext(signal -> loop.onThreshold()));
    }

    private void watchAwaited() {
        Context own = context;
        source.buffer().onAwaited(() -> {
            if (isAwaitedSignalled.compareAndSet(false, true)) {
                own.runOnContext(signal -> {
                    isAwaitedSignalled.set(false);
                    loop.onAwaited();
                });
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
        context.runOnContext(call -> loop.awaitFlushOf(receivedUpTo, passed));
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
        context.runOnContext(call -> loop.awaitRetryOf(id, done));
        return done.future();
    }

    /** Lets nothing go to the table any more; completes when nothing is on its way there. Safe for any thread. */
    public Future<Void> pause() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(call -> {
            permit.pause(true);
            conditions.begin(
                    ConditionName.FLUSHING_PAUSED, "Nothing is flushed, what is accepted waits", "an operator");
            loop.whenQuiet(done::complete);
        });
        return done.future();
    }

    /** Goes on flushing, at once. Safe for any thread. */
    public Future<Void> resume() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(call -> {
            permit.pause(false);
            conditions.end(Subject.PAUSE, "Flushing goes on; " + source.buffer().pendingKeys() + " keys wait");
            loop.now();
            done.complete();
        });
        return done.future();
    }

    /** Begins to flush, as the one of several that holds that fence. To be called after {@link #letGo}. */
    public void lead(Fence fence) {
        context.runOnContext(call -> {
            permit.take(new Role.Leading(fence));
            loop.now();
        });
    }

    /**
     * Lets another instance flush: completes once nothing is in flight here, nor will be. Safe for any thread.
     */
    public Future<Void> letGo() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(call -> {
            permit.take(new Role.Following());
            loop.whenQuiet(() -> {
                loop.letGo();
                done.complete();
            });
        });
        return done.future();
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
        return loop.failure();
    }

    /**
     * Returns the receipt of the oldest write that is not in the table, microseconds since the epoch;
     * {@link Long#MAX_VALUE}: all are. Safe for any thread.
     */
    public long oldestPending() {
        return loop.oldestPending();
    }

    /** Returns the counters. Safe for any thread. */
    public FlushStats stats() {
        return loop.stats();
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
