package dev.writebehind.flush;

import static java.util.Objects.requireNonNullElse;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.store.ChangeBatch;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.UpsertSession.Committed;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ledger of drained changes, which tells the buffer, the dead letters and the counters what became of them; of a
 * write that stands for several spellings of one row, for each of these. Confined to the flusher's context.
 */
final class Ledger {
    /** Some ten milliseconds; more than a lane has left of a part that is cut short for those who wait. */
    private static final int MOST_IN_TURN = 16_000;

    private final Vertx vertx;
    private final CompletionBuffer buffer;
    private final FlushStats stats;
    private final Peers peers;
    private final DeadLetterNews news;
    private final IdentityHashMap<Change, List<CoalescedWrite>> spellings = new IdentityHashMap<>();
    /** What resets undo, until they are carried out. */
    private final Map<CourseReset, List<CoalescedWrite>> undone = new HashMap<>();
    /** What resets of a course undo of twins' writes that go on behind them, until one is carried out. */
    private final Map<LearnerCourse, List<CoalescedWrite>> cut = new HashMap<>();

    private int releasedInTurn;

    Ledger(Vertx vertx, CompletionBuffer buffer, FlushStats stats, Peers peers) {
        this.vertx = vertx;
        this.buffer = buffer;
        this.stats = stats;
        this.peers = peers;
        this.news = new DeadLetterNews(vertx);
    }

    /** Takes note of a write that stands for several. */
    void standsFor(Reconciled.Twins twins) {
        spellings.put(twins.row(), twins.spellings());
    }

    /** Takes note of a write that is undone once that reset is carried out. */
    void undoes(Reconciled.Undone each) {
        undone.computeIfAbsent(each.by(), reset -> new ArrayList<>()).add(each.write());
    }

    /** They are in the table; what a reset undoes is forgotten before it is: else a crash could bring it back. */
    void committed(ChangeBatch batch, Committed done) {
        if (batch.size() > 0) {
            stats.committed(batch, done);
            List<Change> gone = new ArrayList<>();
            if (batch instanceof Resets resets) {
                resets.changes().forEach(reset -> forgetUndone(reset, gone));
            }
            List<? extends Change> all = drained(batch.changes());
            buffer.settle(all);
            gone.addAll(all);
            peers.settled(gone);
        }
    }

    private void forgetUndone(CourseReset reset, List<Change> gone) {
        List<CoalescedWrite> writes = undone.remove(reset);
        if (writes != null) {
            buffer.forget(writes, reset);
            gone.addAll(writes);
        }
        gone.addAll(requireNonNullElse(cut.remove(reset.learnerCourse()), List.of()));
    }

    /** They wait for a later cycle, writes as what the resets before which they wait leave of them. */
    LaneOutcome defer(LaneOutcome before, List<Reconciled.Deferred> deferred) {
        LaneOutcome outcome = before;
        for (Reconciled.Deferred each : deferred) {
            if (each.change() instanceof CoalescedWrite write && each.behind() != null) {
                buffer.releaseAs(write, write.since(each.behind()));
                cut.computeIfAbsent(each.behind().learnerCourse(), course -> new ArrayList<>())
                        .add(write.before(each.behind()));
                outcome = outcome.leftBehind(List.of(write));
            } else {
                outcome = release(outcome, List.of(each.change()));
            }
        }
        return outcome;
    }

    /** The resets that are not carried out by now have undone nothing yet. */
    LaneOutcome releaseUndone(LaneOutcome before) {
        LaneOutcome outcome = before;
        for (List<CoalescedWrite> writes : undone.values()) {
            outcome = release(outcome, writes);
        }
        undone.clear();
        return outcome;
    }

    /** Nothing is in flight any more, and none of what is known of it holds for whoever flushes next. */
    void letGo() {
        cut.clear();
    }

    /** A dead letter is in the table, past the buffer: what was read of the table before that is not to be shown. */
    void unburied() {
        buffer.forgetRows();
    }

    /** They wait for a later cycle. Returns the outcome with them left behind. */
    LaneOutcome release(LaneOutcome before, List<? extends Change> changes) {
        buffer.release(drained(changes));
        return before.leftBehind(changes);
    }

    /**
     * As {@link #release}, of some of perhaps millions: after so many the event loop sees first to whatever else is
     * due.
     */
    Future<LaneOutcome> releaseNext(LaneOutcome before, List<? extends Change> changes) {
        releasedInTurn += changes.size();
        if (releasedInTurn <= MOST_IN_TURN) {
            return Future.succeededFuture(release(before, changes));
        }
        releasedInTurn = 0;
        Promise<LaneOutcome> released = Promise.promise();
        vertx.runOnContext(due ->
                Future.succeededFuture().map(now -> release(before, changes)).onComplete(released));
        return released.future();
    }

    /** Returns the dead letters that are to be kept of what the table can't hold. */
    List<DeadLetter> letters(Change change, String reason) {
        List<? extends Change> all = spellings.containsKey(change) ? spellings.get(change) : List.of(change);
        return all.stream()
                .<DeadLetter>map(each -> new DeadLetter(each, reason, Instant.now()))
                .toList();
    }

    /** They are kept: now it may be forgotten. */
    void buried(Change change, List<DeadLetter> letters) {
        spellings.remove(change);
        for (DeadLetter letter : letters) {
            stats.deadLetter();
            buffer.bury(letter.change(), new RefusedByDatabaseException(letter.cause()));
            peers.buried(letter.change(), letter.cause());
            news.buried(letter.id());
        }
    }

    /** Returns what was drained for those changes, and forgets which stood for which. */
    private List<? extends Change> drained(List<? extends Change> changes) {
        if (spellings.isEmpty()) {
            return changes;
        }
        List<Change> all = new ArrayList<>(changes.size());
        for (Change change : changes) {
            List<CoalescedWrite> several = spellings.remove(change);
            if (several == null) {
                all.add(change);
            } else {
                all.addAll(several);
            }
        }
        return all;
    }
}
