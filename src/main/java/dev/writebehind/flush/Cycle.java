package dev.writebehind.flush;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.Drained;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.config.FlushSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The steps of a cycle: what is pending is taken out of the buffer, brought in line with what the table makes of its
 * keys, and committed by the lanes. Confined to the flusher's context.
 */
final class Cycle {
    private static final long IDS_NANOS = 60_000_000_000L;

    private final Vertx vertx;
    private final Supplier<FlushSettings> settings;
    private final CompletionBuffer buffer;
    private final Parked parked;
    private final Ledger ledger;
    private final Lanes allLanes;
    private FlushSettings inForce;
    private List<Lane> lanes;
    private volatile long oldestDrained = Long.MAX_VALUE;
    private long idsSeenAt = System.nanoTime() - IDS_NANOS;

    Cycle(
            Vertx vertx,
            Supplier<FlushSettings> settings,
            CompletionBuffer buffer,
            Parked parked,
            Ledger ledger,
            Lanes lanes) {
        this.vertx = vertx;
        this.settings = settings;
        this.buffer = buffer;
        this.parked = parked;
        this.ledger = ledger;
        this.allLanes = lanes;
        this.inForce = settings.get();
        this.lanes = allLanes.take(inForce.lanes());
    }

    /** Flushes what can be flushed. Fails only by a fault, or for want of a connection, with all of it released. */
    Future<LaneOutcome> flushPending() {
        adoptSettings();
        release(parked.takeDue());
        return Blocking.call(vertx, this::drain).compose(this::prepare).compose(this::flush);
    }

    /** Takes note that nothing is pending, and so nothing parked. */
    void rest() {
        release(parked.takeDue());
    }

    /** Lets the buffer wait: nothing is in flight afterwards, and the journal gets rid of old files all the same. */
    Future<Void> flushNothing() {
        adoptSettings();
        release(parked.takeAll());
        return renewOutdated();
    }

    /** Writes down anew what the journal has in files that it would be rid of. */
    Future<Void> renewOutdated() {
        return Blocking.run(vertx, buffer::renewOutdated);
    }

    /** Nothing is under way here, so that lanes may go; what has begun goes on with the settings it began with. */
    private void adoptSettings() {
        inForce = settings.get();
        lanes = allLanes.take(inForce.lanes());
    }

    /** Ends all connections. */
    Future<?> close() {
        return allLanes.close();
    }

    /** Tries to bring the dead letter of that id into the table. Returns whether there was one. */
    Future<Boolean> retry(String id) {
        return ledger.retry(id, lanes.get(0)::flushAlone);
    }

    private Drained drain() {
        buffer.renewOutdated();
        Drained drained = buffer.drain();
        long oldest = Long.MAX_VALUE;
        for (CoalescedWrite write : drained.writes()) {
            oldest = Math.min(oldest, write.createdAt());
        }
        oldestDrained = oldest;
        return drained;
    }

    /** Returns the receipt of the oldest write of the last drain; {@link Long#MAX_VALUE}: there was none. */
    long oldestDrained() {
        return oldestDrained;
    }

    /** Whatever fails here is told with everything drained released. */
    private Future<Prepared> prepare(Drained drained) {
        List<Change> changes = new ArrayList<>(drained.resets());
        changes.addAll(drained.writes());
        List<Change> besides = besides(drained);
        return Future.succeededFuture()
                .compose(begun -> lanes.get(0).learn(concat(changes, besides)))
                .compose(spellings -> Blocking.call(
                        vertx,
                        () -> Prepared.of(
                                Reconciled.of(drained, besides, spellings),
                                parked,
                                inForce.batchSize(),
                                inForce.lanes())))
                .onFailure(failure -> release(changes));
    }

    /** Returns what is not in the table yet of the same learners: resets that stand, and what is parked. */
    private List<Change> besides(Drained drained) {
        if (drained.standing().isEmpty() && parked.isEmpty()) {
            return List.of();
        }
        Set<Integer> learners = new HashSet<>();
        drained.resets().forEach(reset -> learners.add(reset.learnerCourse().userId()));
        drained.writes().forEach(write -> learners.add(write.learnerCourse().userId()));
        Stream<? extends Change> standing = drained.standing().stream()
                .filter(reset -> learners.contains(reset.learnerCourse().userId()));
        Stream<? extends Change> waiting = parked.writesOf(learners).stream();
        return Stream.<Change>concat(standing, waiting).toList();
    }

    private static List<Change> concat(List<Change> some, List<Change> others) {
        return others.isEmpty()
                ? some
                : Stream.concat(some.stream(), others.stream()).toList();
    }

    private Future<LaneOutcome> flush(Prepared prepared) {
        Reconciled changes = prepared.changes();
        Plan plan = prepared.plan();
        changes.twins().forEach(ledger::standsFor);
        changes.undone().forEach(ledger::undoes);
        LaneOutcome before = ledger.defer(LaneOutcome.CLEAN, changes.deferred());
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
                .map(ledger::releaseUndone)
                .map(outcome -> plan.hasResets() ? outcome.leftBehind(plan.oldestReset()) : outcome)
                .onFailure(bug -> {
                    release(parked.takeAll());
                    ledger.releaseUndone(LaneOutcome.CLEAN);
                    prepared.all().forEach(change -> ledger.release(LaneOutcome.CLEAN, List.of(change)));
                });
    }

    /** Once a minute, for the meters. What comes of it is nobody's concern but theirs. */
    private Future<?> lookAtIds() {
        long now = System.nanoTime();
        if (now - idsSeenAt < IDS_NANOS) {
            return Future.succeededFuture();
        }
        idsSeenAt = now;
        return lanes.get(0).lookAtIds();
    }

    private void release(List<? extends Change> changes) {
        ledger.release(LaneOutcome.CLEAN, changes);
    }
}
