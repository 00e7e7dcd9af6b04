package dev.writebehind.flush;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.blocking.InTurn;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.Drained;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.store.KnownSpellings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The steps of a cycle: what is pending, or a part of it, is taken out of the buffer, brought in line with what the
 * table makes of its keys, and committed by the lanes. Confined to the flusher's context.
 *
 * <p>A part is flushed only while the buffer knows the order of all that is pending, because no two keys of it can be
 * equal to the table that are not equal to Java: {@code docs/decisions/0022-group-commit.md}.
 */
final class Cycle {
    private static final int RELEASED_AT_A_TIME = 500;

    private static final long IDS_NANOS = 60_000_000_000L;

    private final Vertx vertx;
    private final Supplier<FlushSettings> settings;
    private final CompletionBuffer buffer;
    private final Parked parked;
    private final Ledger ledger;
    private final Lanes allLanes;
    private final Plan.Spread spread;
    private FlushSettings inForce;
    private List<Lane> lanes;
    private volatile long oldestDrained = Long.MAX_VALUE;
    private boolean mustAskTable;
    private boolean isCutShort;
    private boolean hasMore;
    private long idsSeenAt = System.nanoTime() - IDS_NANOS;

    Cycle(
            Vertx vertx,
            Supplier<FlushSettings> settings,
            CompletionBuffer buffer,
            Parked parked,
            Ledger ledger,
            Lanes lanes,
            Plan.Spread spread) {
        this.vertx = vertx;
        this.settings = settings;
        this.buffer = buffer;
        this.parked = parked;
        this.ledger = ledger;
        this.allLanes = lanes;
        this.spread = spread;
        this.inForce = settings.get();
        this.lanes = allLanes.take(inForce.lanes());
    }

    /**
     * Flushes what can be flushed. Fails only by a fault, or for want of a connection, with all of it released.
     *
     * @param enough how many changes are enough where a part may be flushed; {@link Integer#MAX_VALUE}: all
     * @param cut whether the rest is to wait for another cycle; asked between two batches
     */
    Future<LaneOutcome> flushPending(int enough, BooleanSupplier cut) {
        adoptSettings();
        release(parked.takeDue());
        int most = mayFlushPart() ? enough : Integer.MAX_VALUE;
        oldestDrained = Long.MAX_VALUE;
        // Before the drain: without a connection, all that it takes would have to be given back, each time anew.
        return renewOutdated()
                .compose(renewed -> lanes.get(0).open())
                .compose(open -> Blocking.call(vertx, () -> noted(buffer.drain(most))))
                .compose(drained -> {
                    boolean isPart = most != Integer.MAX_VALUE;
                    hasMore = isPart && drained.size() >= most;
                    return flush(drained, isPart, cut);
                });
    }

    /** As {@link #flushPending}, but only what somebody waits for, up to a batch for each lane. */
    Future<LaneOutcome> flushAwaited() {
        adoptSettings();
        return flush(noted(buffer.drainAwaited(inForce.batchSize() * inForce.lanes())), true, () -> false);
    }

    /** Whether a part of what is pending may be flushed by itself. */
    boolean mayFlushPart() {
        return !mustAskTable && buffer.isAllAscii();
    }

    /** Whether the last flush was cut short. */
    boolean isCutShort() {
        return isCutShort;
    }

    /** Whether there is more that should have been in the last flush. */
    boolean hasMore() {
        return hasMore || isCutShort;
    }

    /** Takes note that nothing is pending, and so nothing parked, and that the last flush left nothing. */
    void rest() {
        adoptSettings();
        release(parked.takeDue());
    }

    /** Lets the buffer wait: nothing is in flight afterwards, and the journal gets rid of old files all the same. */
    Future<Void> flushNothing() {
        adoptSettings();
        release(parked.takeAll());
        return renewOutdated();
    }

    /** Lets the buffer have everything back, and the connections go. To be called while nothing is under way. */
    void letGo() {
        release(parked.takeAll());
        ledger.letGo();
        lanes.forEach(Lane::drop);
    }

    /** Writes down anew what the journal has in files that it would be rid of. */
    Future<Void> renewOutdated() {
        return Blocking.run(vertx, buffer::renewOutdated);
    }

    /** Nothing is under way here, so that lanes may go; what has begun goes on with the settings it began with. */
    private void adoptSettings() {
        isCutShort = false;
        hasMore = false;
        inForce = settings.get();
        lanes = allLanes.take(inForce.lanes());
    }

    /** Ends all connections. */
    Future<?> close() {
        return allLanes.close();
    }

    /** Tries to bring the dead letter of that id into the table. Returns whether there was one. */
    Future<Boolean> retry(String id) {
        return lanes.get(0).retry(id);
    }

    private Drained noted(Drained drained) {
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

    /** What fails before the lanes have it is told with everything drained released. */
    private Future<LaneOutcome> flush(Drained drained, boolean isPart, BooleanSupplier cut) {
        List<Change> changes = new ArrayList<>(drained.resets());
        changes.addAll(drained.writes());
        if (changes.isEmpty() && isPart) {
            return Future.succeededFuture(LaneOutcome.CLEAN);
        }
        if (isPart && !buffer.isAllAscii()) {
            return Future.succeededFuture(leaveToAll(changes));
        }
        List<Change> besides = besides(drained);
        return Future.succeededFuture()
                .compose(begun -> lanes.get(0).learn(concat(changes, besides)))
                .recover(failure -> releaseAll(changes, failure))
                .compose(spellings -> {
                    if (isPart && !spellings.isPlain()) {
                        mustAskTable = true;
                        return Future.succeededFuture(leaveToAll(changes));
                    }
                    mustAskTable &= !spellings.isPlain() || changes.isEmpty();
                    return prepare(drained, besides, spellings)
                            .recover(failure -> releaseAll(changes, failure))
                            .compose(prepared -> commit(prepared, cut));
                });
    }

    /** Fails so, once all of them wait again. */
    private <T> Future<T> releaseAll(List<Change> changes, Throwable failure) {
        Iterator<List<Change>> some = IntStream.iterate(
                        0, from -> from < changes.size(), from -> from + RELEASED_AT_A_TIME)
                .mapToObj(from -> changes.subList(from, Math.min(changes.size(), from + RELEASED_AT_A_TIME)))
                .iterator();
        return InTurn.fold(some, LaneOutcome.CLEAN, ledger::releaseNext)
                .transform(released -> Future.failedFuture(failure));
    }

    /** They may belong behind what is not among them: the next cycle drains all. */
    private LaneOutcome leaveToAll(List<Change> changes) {
        hasMore = true;
        return ledger.release(LaneOutcome.CLEAN, changes);
    }

    private Future<Prepared> prepare(Drained drained, List<Change> besides, KnownSpellings spellings) {
        Supplier<Prepared> preparing =
                () -> Prepared.of(Reconciled.of(drained, besides, spellings), parked, inForce, spread);
        return drained.size() <= inForce.batchSize()
                ? Future.succeededFuture().map(none -> preparing.get())
                : Blocking.call(vertx, preparing::get);
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

    private Future<LaneOutcome> commit(Prepared prepared, BooleanSupplier cut) {
        BooleanSupplier cutting = () -> isCutShort |= cut.getAsBoolean();
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
                    .compose(begun -> lanes.get(lane).flush(plan.lanes().get(lane), cutting)));
        }
        return Future.join(running)
                .compose(all -> lookAtIds().map(all))
                .map(all -> running.stream().map(Future::result).reduce(before, LaneOutcome::and))
                .compose(outcome -> lanes.get(0).refuse(changes.refused(), outcome))
                .map(ledger::releaseUndone)
                .map(outcome -> plan.hasResets() ? outcome.leftBehind(plan.oldestReset()) : outcome)
                .recover(bug -> {
                    release(parked.takeAll());
                    ledger.releaseUndone(LaneOutcome.CLEAN);
                    return releaseAll(prepared.all(), bug);
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
