package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.KnownSpellings;
import dev.writebehind.store.UpsertSession;
import dev.writebehind.store.UpsertSession.Committed;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** One connection of the flusher and the batches that go over it, one after the other. Confined to its context. */
final class Lane {
    private static final int MAX_CONFLICTS = 10;
    private static final long MAX_JITTER_MILLIS = 20;

    private final Vertx vertx;
    private final UpsertSessions sessions;
    private final Ledger ledger;
    private final Parked parked;
    private final FlushStats stats;
    private final ReceiptClock clock;
    private final DoubleSupplier random;
    private @Nullable UpsertSession session;

    Lane(
            Vertx vertx,
            UpsertSessions sessions,
            Ledger ledger,
            Parked parked,
            FlushStats stats,
            ReceiptClock clock,
            DoubleSupplier random) {
        this.vertx = vertx;
        this.sessions = sessions;
        this.ledger = ledger;
        this.parked = parked;
        this.stats = stats;
        this.clock = clock;
        this.random = random;
    }

    /** Learns what the table makes of the changes' keys. */
    Future<KnownSpellings> learn(Collection<? extends Change> changes) {
        return session().compose(open -> open.learn(changes)).onFailure(failure -> {
            stats.failure();
            drop();
        });
    }

    /** Returns which part of the table's ids is left, from 0 to 1. */
    Future<Double> idsLeft() {
        return session().compose(UpsertSession::idsLeft);
    }

    /**
     * Flushes the batches in order. A change that the server refuses for what it holds becomes a dead letter, one whose
     * row is locked is parked, and so is one for which there is no id; a batch that fails otherwise is released and the
     * next one tried; when the connection is lost, that batch and all after it are released. Never fails.
     */
    Future<LaneOutcome> flush(List<Batch> batches) {
        return flush(batches, 0, LaneOutcome.CLEAN);
    }

    /** Commits one change by itself, whatever the buffer holds; the guard keeps it from undoing a newer value. */
    Future<Void> flushAlone(Change change) {
        List<Change> alone = List.of(change);
        return learn(alone)
                .compose(known -> known.refusal(change)
                        .map(reason -> Future.<Committed>failedFuture(reason))
                        .orElseGet(() -> commit(alone, 0)))
                .compose(done -> ledger.dropUndone(alone));
    }

    /** Makes dead letters of what the table can't hold, unless the table is another one by now. */
    Future<LaneOutcome> refuse(List<Reconciled.Refused> refused, int index, LaneOutcome before) {
        if (index == refused.size()) {
            return Future.succeededFuture(before);
        }
        Reconciled.Refused next = refused.get(index);
        return refuse(next.change(), next.reason(), before).compose(outcome -> refuse(refused, index + 1, outcome));
    }

    private Future<LaneOutcome> flush(List<Batch> batches, int index, LaneOutcome before) {
        if (index == batches.size()) {
            return Future.succeededFuture(before);
        }
        return flush(batches.get(index), before).compose(outcome -> {
            if (!outcome.connectionLost()) {
                return flush(batches, index + 1, outcome);
            }
            LaneOutcome released = outcome;
            for (Batch batch : batches.subList(index + 1, batches.size())) {
                released = ledger.release(released, batch.changes());
            }
            return Future.succeededFuture(released);
        });
    }

    private Future<LaneOutcome> flush(Batch batch, LaneOutcome before) {
        if (batch.size() == 0) {
            return Future.succeededFuture(before);
        }
        if (batch.locks() == Batch.Locks.EXPECTED) {
            return flushUnlocked(batch, before);
        }
        return commit(batch.changes(), 0)
                .compose(done -> ledger.dropUndone(batch.changes()).map(done))
                .transform(result -> {
                    if (result.failed()) {
                        return failed(batch, result.cause(), before);
                    }
                    parked.committed(batch.changes());
                    ledger.committed(batch.changes(), result.result());
                    return Future.succeededFuture(before);
                });
    }

    private Future<LaneOutcome> failed(Batch batch, Throwable cause, LaneOutcome before) {
        boolean single = batch.size() == 1;
        switch (DatabaseFailure.of(cause)) {
            case DATA, TOO_LARGE, CONFLICT -> {
                return single ? failedAlone(batch, cause, before) : flushHalves(batch, before);
            }
            case LOCKED -> {
                if (batch.locks() != Batch.Locks.LOOKED_FOR) {
                    return flushUnlocked(batch, before);
                }
                if (!single) {
                    return flushHalves(batch, before);
                }
                park(batch);
                return Future.succeededFuture(before);
            }
            case NO_IDS -> {
                return flushPresent(batch, cause, before);
            }
            default -> {
                return Future.succeededFuture(leave(batch.changes(), cause, before));
            }
        }
    }

    /** What passes for a group by making it smaller, or by trying again, has not passed for this one change. */
    private Future<LaneOutcome> failedAlone(Batch batch, Throwable cause, LaneOutcome before) {
        boolean data = DatabaseFailure.of(cause) == DatabaseFailure.DATA || DatabaseFailure.isDuplicate(cause);
        if (data) {
            return refuse(batch.changes().get(0), String.valueOf(cause.getMessage()), before);
        }
        return DatabaseFailure.isIdCounter(cause)
                ? flushPresent(batch, cause, before)
                : Future.succeededFuture(leave(batch.changes(), cause, before));
    }

    private Future<LaneOutcome> flushHalves(Batch batch, LaneOutcome before) {
        return flush(batch.firstHalf(), before)
                .compose(outcome -> outcome.connectionLost()
                        ? Future.succeededFuture(
                                ledger.release(outcome, batch.secondHalf().changes()))
                        : flush(batch.secondHalf(), outcome));
    }

    /** Parks what somebody has locked, so that the rest need not wait for it. */
    private Future<LaneOutcome> flushUnlocked(Batch batch, LaneOutcome before) {
        return session().compose(open -> open.blocked(batch.changes())).transform(result -> {
            if (result.failed()) {
                return failed(batch.with(Batch.Locks.LOOKED_FOR), result.cause(), before);
            }
            Set<Integer> blocked = result.result();
            park(batch.at(blocked, false));
            return flush(batch.at(blocked, true).with(Batch.Locks.LOOKED_FOR), before);
        });
    }

    private void park(Batch batch) {
        stats.locked(batch.size());
        parked.onLocks(batch.changes());
    }

    /** Writes the rows that are there, and parks what would be new ones. */
    private Future<LaneOutcome> flushPresent(Batch batch, Throwable cause, LaneOutcome before) {
        return session()
                .compose(open -> open.commitPresent(batch.changes(), clock.horizon()))
                .transform(result -> {
                    if (result.failed()) {
                        return Future.succeededFuture(leave(batch.changes(), result.cause(), before));
                    }
                    List<Change> there =
                            batch.at(result.result().places(), false).changes();
                    ledger.committed(there, result.result().done());
                    parked.forIds(batch.at(result.result().places(), true).changes(), cause);
                    return Future.succeededFuture(before);
                });
    }

    /** The session's knowledge of the table may be out of date: then it is for the next one to say. */
    private Future<LaneOutcome> refuse(Change change, String reason, LaneOutcome before) {
        List<Change> alone = List.of(change);
        return session().compose(UpsertSession::isOutdated).transform(looked -> {
            if (looked.failed()) {
                return Future.succeededFuture(leave(alone, looked.cause(), before));
            }
            if (looked.result()) {
                drop();
                return Future.succeededFuture(ledger.release(before, alone));
            }
            return ledger.bury(change, reason).map(before).recover(failure -> {
                stats.failure();
                return Future.succeededFuture(ledger.release(before, alone).because(failure, false));
            });
        });
    }

    private Future<Committed> commit(List<Change> batch, int conflicts) {
        return session().compose(open -> open.commit(batch, clock.horizon())).recover(failure -> {
            if (DatabaseFailure.of(failure) != DatabaseFailure.CONFLICT || conflicts == MAX_CONFLICTS) {
                return Future.failedFuture(failure);
            }
            stats.conflict();
            long pause = 1 + Math.round(random.getAsDouble() * MAX_JITTER_MILLIS);
            return vertx.timer(pause, TimeUnit.MILLISECONDS).compose(elapsed -> commit(batch, conflicts + 1));
        });
    }

    private Future<UpsertSession> session() {
        UpsertSession present = session;
        if (present != null && present.isOpen()) {
            return Future.succeededFuture(present);
        }
        drop();
        return sessions.open().onSuccess(opened -> session = opened);
    }

    private void drop() {
        UpsertSession used = session;
        session = null;
        if (used != null) {
            used.close();
        }
    }

    /**
     * Releases the changes, and ends the session: what it knows of the table may be why it failed. The rest of the
     * batches may fare better over another one, unless it was the connection that failed, or the server takes no
     * writes.
     */
    private LaneOutcome leave(List<Change> changes, Throwable cause, LaneOutcome before) {
        stats.failure();
        DatabaseFailure kind = DatabaseFailure.of(cause);
        if (kind == DatabaseFailure.TOO_LARGE || kind == DatabaseFailure.CONFLICT) {
            return ledger.release(before, changes).because(cause, false);
        }
        drop();
        return ledger.release(before, changes).because(cause, !DatabaseFailure.leavesConnection(cause));
    }
}
