package dev.writebehind.flush;

import dev.writebehind.blocking.InTurn;
import dev.writebehind.completion.Change;
import dev.writebehind.store.ChangeBatch;
import dev.writebehind.store.ChangeBatch.Upserts;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.KnownSpellings;
import dev.writebehind.store.NoDeadLetterException;
import dev.writebehind.store.UpsertSession;
import dev.writebehind.store.UpsertSession.Committed;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of the flusher and the batches that go over it, one after the other. Confined to its context. */
final class Lane {
    private static final Logger log = LoggerFactory.getLogger(Lane.class);

    private final LaneConnection connection;
    private final Burial burial;
    private final Ledger ledger;
    private final Parked parked;
    private final FlushStats stats;

    Lane(LaneConnection connection, Burial burial, Ledger ledger, Parked parked, FlushStats stats) {
        this.connection = connection;
        this.burial = burial;
        this.ledger = ledger;
        this.parked = parked;
        this.stats = stats;
    }

    /** Ends its connection: the next is opened when it is needed. */
    void drop() {
        connection.drop();
    }

    /** Opens its connection, where that is not open. */
    Future<?> open() {
        return connection.open().onFailure(this::dropAfter);
    }

    /** Learns what the table makes of the changes' keys. */
    Future<KnownSpellings> learn(Collection<? extends Change> changes) {
        return connection.open().compose(open -> open.learn(changes)).onFailure(this::dropAfter);
    }

    private void dropAfter(Throwable failure) {
        stats.failure(failure);
        connection.drop();
    }

    /** Has the counters know which part of the table's ids is left. Never fails. */
    Future<?> lookAtIds() {
        return connection
                .open()
                .compose(UpsertSession::idsLeft)
                .onSuccess(stats::idsLeft)
                .otherwise(failure -> {
                    log.debug("The ids left can't be told", failure);
                    return stats.idsLeft();
                });
    }

    /**
     * Commits the batches in order. A change that the server refuses for what it holds becomes a dead letter, one whose
     * row is locked is parked, and so is one for which there is no id; a batch that fails otherwise is released and the
     * next one tried; when the connection is lost, that batch and all after it are released. Never fails.
     *
     * @param cut whether the batches that are left are to be released; asked between two batches
     */
    Future<LaneOutcome> flush(List<Task> tasks, BooleanSupplier cut) {
        Iterator<Task> left = tasks.iterator();
        return InTurn.fold(
                left,
                LaneOutcome.CLEAN,
                (before, task) -> flush(task, before)
                        .compose(outcome -> left.hasNext() && (outcome.connectionLost() || cut.getAsBoolean())
                                ? releaseAll(left, outcome)
                                : Future.succeededFuture(outcome)));
    }

    private Future<LaneOutcome> releaseAll(Iterator<Task> left, LaneOutcome before) {
        return InTurn.fold(left, before, (released, task) -> ledger.releaseNext(released, task.changes()));
    }

    /** Tries to bring the dead letter of that id into the table. Returns whether there was one. */
    Future<Boolean> retry(String id) {
        return burial.find(connection, id)
                .compose(letter -> letter.isEmpty()
                        ? Future.succeededFuture(false)
                        : flushAlone(letter.get()).map(true))
                .recover(failure -> failure instanceof NoDeadLetterException
                        ? Future.succeededFuture(false)
                        : Future.failedFuture(failure));
    }

    /** Commits a change by itself, whatever the buffer holds; the guard keeps it from undoing a newer value. */
    private Future<Void> flushAlone(DeadLetter letter) {
        Change change = letter.change();
        ChangeBatch alone = ChangeBatch.of(change);
        return connection
                .open()
                .compose(UpsertSession::isOutdated)
                .onSuccess(outdated -> {
                    if (outdated) {
                        connection.drop();
                    }
                })
                .compose(looked -> learn(alone.changes()))
                .compose(known -> known.refusal(change)
                        .map(reason -> Future.<Committed>failedFuture(reason))
                        .orElseGet(() -> burial.commit(connection, alone, letter)))
                .onSuccess(done -> ledger.unburied())
                .mapEmpty();
    }

    /** Makes dead letters of what the table can't hold, unless the table is another one by now. */
    Future<LaneOutcome> refuse(List<Reconciled.Refused> refused, LaneOutcome before) {
        return InTurn.fold(
                refused.iterator(), before, (outcome, next) -> refuse(next.change(), next.reason(), outcome));
    }

    private Future<LaneOutcome> flush(Task task, LaneOutcome before) {
        if (task.size() == 0) {
            return Future.succeededFuture(before);
        }
        if (task.locks() == Task.Locks.EXPECTED) {
            return flushUnlocked(task, before);
        }
        return burial.commit(connection, task.batch(), null).transform(result -> {
            if (result.failed()) {
                return failed(task, result.cause(), before);
            }
            parked.committed(task.changes());
            ledger.committed(task.batch(), result.result());
            return Future.succeededFuture(before);
        });
    }

    private Future<LaneOutcome> failed(Task task, Throwable cause, LaneOutcome before) {
        boolean single = task.size() == 1;
        switch (DatabaseFailure.of(cause)) {
            case DATA, TOO_LARGE, CONFLICT -> {
                return single ? failedAlone(task, cause, before) : flushHalves(task, before);
            }
            case LOCKED -> {
                if (task.locks() != Task.Locks.LOOKED_FOR) {
                    return flushUnlocked(task, before);
                }
                if (!single) {
                    return flushHalves(task, before);
                }
                park(task);
                return Future.succeededFuture(before);
            }
            case NO_IDS -> {
                return flushPresent(task, cause, before);
            }
            default -> {
                return Future.succeededFuture(leave(task.changes(), cause, before));
            }
        }
    }

    /** What passes for a group by making it smaller, or by trying again, has not passed for this one change. */
    private Future<LaneOutcome> failedAlone(Task task, Throwable cause, LaneOutcome before) {
        boolean data = DatabaseFailure.of(cause) == DatabaseFailure.DATA || DatabaseFailure.isDuplicate(cause);
        if (data) {
            return refuse(task.changes().get(0), String.valueOf(cause.getMessage()), before);
        }
        return DatabaseFailure.isIdCounter(cause)
                ? flushPresent(task, cause, before)
                : Future.succeededFuture(leave(task.changes(), cause, before));
    }

    private Future<LaneOutcome> flushHalves(Task task, LaneOutcome before) {
        return flush(task.firstHalf(), before)
                .compose(outcome -> outcome.connectionLost()
                        ? Future.succeededFuture(
                                ledger.release(outcome, task.secondHalf().changes()))
                        : flush(task.secondHalf(), outcome));
    }

    /** Parks what somebody has locked, so that the rest need not wait for it. */
    private Future<LaneOutcome> flushUnlocked(Task task, LaneOutcome before) {
        return connection.open().compose(open -> open.blocked(task.batch())).transform(result -> {
            if (result.failed()) {
                return failed(task.with(Task.Locks.LOOKED_FOR), result.cause(), before);
            }
            Set<Integer> blocked = result.result();
            park(task.at(blocked, false));
            return flush(task.at(blocked, true).with(Task.Locks.LOOKED_FOR), before);
        });
    }

    private void park(Task task) {
        stats.locked(task.size());
        parked.onLocks(task.changes());
    }

    /** Writes the rows that are there, and parks what would be new ones; for resets there is nothing like it. */
    private Future<LaneOutcome> flushPresent(Task task, Throwable cause, LaneOutcome before) {
        return task.batch() instanceof Upserts upserts
                ? flushPresent(upserts, cause, before)
                : Future.succeededFuture(leave(task.changes(), cause, before));
    }

    private Future<LaneOutcome> flushPresent(Upserts upserts, Throwable cause, LaneOutcome before) {
        return connection
                .open()
                .compose(open -> open.commitPresent(upserts, connection.horizon()))
                .transform(result -> {
                    if (result.failed()) {
                        return Future.succeededFuture(leave(upserts.changes(), result.cause(), before));
                    }
                    Set<Integer> there = result.result().places();
                    ledger.committed(upserts.at(there, false), result.result().done());
                    parked.forIds(upserts.at(there, true).changes(), cause);
                    return Future.succeededFuture(before);
                });
    }

    /** The session's knowledge of the table may be out of date: then it is for the next one to say. */
    private Future<LaneOutcome> refuse(Change change, String reason, LaneOutcome before) {
        List<Change> alone = List.of(change);
        return connection.open().compose(UpsertSession::isOutdated).transform(looked -> {
            if (looked.failed()) {
                return Future.succeededFuture(leave(alone, looked.cause(), before));
            }
            if (looked.result()) {
                connection.drop();
                return Future.succeededFuture(ledger.release(before, alone));
            }
            List<DeadLetter> letters = ledger.letters(change, reason);
            return burial.add(connection, letters).transform(kept -> {
                if (kept.succeeded()) {
                    ledger.buried(change, letters);
                    return Future.succeededFuture(before);
                }
                return Future.succeededFuture(notBuried(alone, kept.cause(), before));
            });
        });
    }

    private LaneOutcome notBuried(List<Change> alone, Throwable failure, LaneOutcome before) {
        if (failure instanceof DeadLettersUnwritableException) {
            stats.failure(failure);
            return ledger.release(before, alone).because(failure, false);
        }
        return leave(alone, failure, before);
    }

    /**
     * Releases the changes, and ends the session: what it knows of the table may be why it failed. The rest of the
     * batches may fare better over another one, unless it was the connection that failed, or the server takes no
     * writes.
     */
    private LaneOutcome leave(List<? extends Change> changes, Throwable cause, LaneOutcome before) {
        stats.failure(cause);
        DatabaseFailure kind = DatabaseFailure.of(cause);
        if (kind == DatabaseFailure.TOO_LARGE || kind == DatabaseFailure.CONFLICT) {
            return ledger.release(before, changes).because(cause, false);
        }
        connection.drop();
        return ledger.release(before, changes).because(cause, !DatabaseFailure.leavesConnection(cause));
    }
}
