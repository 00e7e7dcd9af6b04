package dev.writebehind.flush;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.completion.Change;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.UpsertSession;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.DatabaseException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of the flusher and the batches that go over it, one after the other. Confined to its context. */
final class Lane {
    private static final Logger log = LoggerFactory.getLogger(Lane.class);
    private static final int MOST_CONFLICTS = 10;
    private static final long LONGEST_JITTER_MILLIS = 20;

    private final Vertx vertx;
    private final UpsertSessions sessions;
    private final CompletionBuffer buffer;
    private final DeadLetters deadLetters;
    private final FlushStats stats;
    private final DoubleSupplier random;
    private @Nullable UpsertSession session;

    Lane(
            Vertx vertx,
            UpsertSessions sessions,
            CompletionBuffer buffer,
            DeadLetters deadLetters,
            FlushStats stats,
            DoubleSupplier random) {
        this.deadLetters = deadLetters;
        this.vertx = vertx;
        this.sessions = sessions;
        this.buffer = buffer;
        this.stats = stats;
        this.random = random;
    }

    /**
     * Flushes the batches in order. A change that the server refuses for what it holds becomes a dead letter; a batch
     * that it refuses otherwise is released and the next one tried; when the connection is lost, that batch and all
     * after it are released. Never fails.
     */
    Future<LaneOutcome> flush(List<List<Change>> batches) {
        return flush(batches, 0, LaneOutcome.CLEAN);
    }

    /** Commits one change by itself, whatever the buffer holds; the guard keeps it from undoing a newer value. */
    Future<Void> flushAlone(Change change) {
        return commit(List.of(change), 0).compose(rows -> dropUndone(List.of(change)));
    }

    private Future<LaneOutcome> flush(List<List<Change>> batches, int index, LaneOutcome before) {
        if (index == batches.size()) {
            return Future.succeededFuture(before);
        }
        return flushBatch(batches.get(index), before).compose(outcome -> {
            if (outcome.connectionLost()) {
                return Future.succeededFuture(releaseFrom(batches, index + 1, outcome));
            }
            return flush(batches, index + 1, outcome);
        });
    }

    private Future<LaneOutcome> flushBatch(List<Change> batch, LaneOutcome before) {
        return commit(batch, 0).compose(rows -> dropUndone(batch).map(rows)).transform(result -> {
            if (result.succeeded()) {
                stats.committed(batch, result.result());
                buffer.settle(batch);
                return Future.succeededFuture(before);
            }
            if (DatabaseFailure.of(result.cause()) == DatabaseFailure.DATA) {
                return batch.size() == 1 ? bury(batch.get(0), result.cause(), before) : flushHalves(batch, before);
            }
            return Future.succeededFuture(failed(before, batch, result.cause()));
        });
    }

    /** Drops the dead letters that the batch's resets undo, before these are settled: they must not come back either. */
    private Future<Void> dropUndone(List<Change> batch) {
        return DeadLetters.concernedBy(batch)
                ? vertx.executeBlocking(() -> {
                            deadLetters.removeUndone(batch);
                            return batch;
                        })
                        .mapEmpty()
                : Future.succeededFuture();
    }

    /** Looks for the change that the database refuses, so that its neighbours are not held up by it. */
    private Future<LaneOutcome> flushHalves(List<Change> batch, LaneOutcome before) {
        int middle = batch.size() / 2;
        List<Change> second = batch.subList(middle, batch.size());
        return flushBatch(batch.subList(0, middle), before)
                .compose(outcome -> outcome.connectionLost()
                        ? Future.succeededFuture(release(outcome, second))
                        : flushBatch(second, outcome));
    }

    private Future<LaneOutcome> bury(Change change, Throwable cause, LaneOutcome before) {
        String reason = String.valueOf(cause.getMessage());
        DeadLetter letter = new DeadLetter(change, reason, Instant.now());
        return vertx.executeBlocking(() -> {
                    deadLetters.add(letter);
                    return letter;
                })
                .transform(kept -> {
                    if (kept.failed()) {
                        return Future.succeededFuture(failed(before, List.of(change), kept.cause()));
                    }
                    stats.deadLetter();
                    buffer.bury(change, new RefusedByDatabaseException(reason));
                    log.warn("The database refused a change for what it holds; it is dead letter {}", letter.id());
                    return Future.succeededFuture(before);
                });
    }

    private Future<Integer> commit(List<Change> batch, int conflicts) {
        return session().compose(open -> open.commit(batch)).recover(failure -> {
            if (DatabaseFailure.of(failure) != DatabaseFailure.CONFLICT || conflicts == MOST_CONFLICTS) {
                return Future.failedFuture(failure);
            }
            stats.conflict();
            long pause = 1 + Math.round(random.getAsDouble() * LONGEST_JITTER_MILLIS);
            return vertx.timer(pause, TimeUnit.MILLISECONDS).compose(elapsed -> commit(batch, conflicts + 1));
        });
    }

    private Future<UpsertSession> session() {
        UpsertSession present = session;
        if (present != null && present.isOpen()) {
            return Future.succeededFuture(present);
        }
        return sessions.open().onSuccess(opened -> session = opened);
    }

    /** Releases the batch. The connection goes too, unless the server itself said over it that others may fare better. */
    private LaneOutcome failed(LaneOutcome before, List<Change> batch, Throwable cause) {
        stats.failure();
        UpsertSession used = session;
        boolean connectionLost = used == null
                || !used.isOpen()
                || !(cause instanceof DatabaseException)
                || DatabaseFailure.of(cause) == DatabaseFailure.READ_ONLY;
        if (connectionLost && used != null) {
            session = null;
            used.close();
        }
        return release(before, batch).because(cause, connectionLost);
    }

    private LaneOutcome releaseFrom(List<List<Change>> batches, int index, LaneOutcome before) {
        LaneOutcome outcome = before;
        for (List<Change> batch : batches.subList(index, batches.size())) {
            outcome = release(outcome, batch);
        }
        return outcome;
    }

    private LaneOutcome release(LaneOutcome before, List<Change> batch) {
        buffer.release(batch);
        LaneOutcome outcome = before;
        for (Change change : batch) {
            outcome = outcome.leftBehind(change.firstReceivedAt());
        }
        return outcome;
    }
}
