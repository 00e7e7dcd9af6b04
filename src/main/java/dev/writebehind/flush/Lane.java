package dev.writebehind.flush;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.store.Conflicts;
import dev.writebehind.store.Refusals;
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
     * Flushes the batches in order. A row that the server refuses for what it holds becomes a dead letter; a batch that
     * it refuses otherwise is released and the next one tried; when the connection is lost, that batch and all after it
     * are released. Never fails.
     */
    Future<LaneOutcome> flush(List<List<CoalescedWrite>> batches) {
        return flush(batches, 0, LaneOutcome.CLEAN);
    }

    /** Flushes one write by itself, whatever the buffer holds; the guard keeps it from overwriting a newer value. */
    Future<Void> flushAlone(CoalescedWrite write) {
        return upsert(List.of(write), 0).mapEmpty();
    }

    private Future<LaneOutcome> flush(List<List<CoalescedWrite>> batches, int index, LaneOutcome before) {
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

    private Future<LaneOutcome> flushBatch(List<CoalescedWrite> batch, LaneOutcome before) {
        return upsert(batch, 0).transform(result -> {
            if (result.succeeded()) {
                stats.committed(batch.size(), result.result());
                buffer.settle(batch);
                return Future.succeededFuture(before);
            }
            if (Refusals.ofData(result.cause())) {
                return batch.size() == 1 ? bury(batch.get(0), result.cause(), before) : flushHalves(batch, before);
            }
            return Future.succeededFuture(failed(before, batch, result.cause()));
        });
    }

    /** Looks for the row that the database refuses, so that its neighbours are not held up by it. */
    private Future<LaneOutcome> flushHalves(List<CoalescedWrite> batch, LaneOutcome before) {
        int middle = batch.size() / 2;
        List<CoalescedWrite> second = batch.subList(middle, batch.size());
        return flushBatch(batch.subList(0, middle), before)
                .compose(outcome -> outcome.connectionLost()
                        ? Future.succeededFuture(release(outcome, second))
                        : flushBatch(second, outcome));
    }

    private Future<LaneOutcome> bury(CoalescedWrite write, Throwable cause, LaneOutcome before) {
        String reason = String.valueOf(cause.getMessage());
        DeadLetter letter = new DeadLetter(write, reason, Instant.now());
        return vertx.executeBlocking(() -> {
                    deadLetters.add(letter);
                    return letter;
                })
                .transform(kept -> {
                    if (kept.failed()) {
                        return Future.succeededFuture(failed(before, List.of(write), kept.cause()));
                    }
                    stats.deadLetter();
                    buffer.bury(write, new RefusedByDatabaseException(reason));
                    log.warn("The database refused a row for what it holds; it is dead letter {}", letter.id());
                    return Future.succeededFuture(before);
                });
    }

    private Future<Integer> upsert(List<CoalescedWrite> batch, int conflicts) {
        return session().compose(open -> open.upsert(batch)).recover(failure -> {
            if (!Conflicts.caused(failure) || conflicts == MOST_CONFLICTS) {
                return Future.failedFuture(failure);
            }
            stats.conflict();
            long pause = 1 + Math.round(random.getAsDouble() * LONGEST_JITTER_MILLIS);
            return vertx.timer(pause, TimeUnit.MILLISECONDS).compose(elapsed -> upsert(batch, conflicts + 1));
        });
    }

    private Future<UpsertSession> session() {
        UpsertSession present = session;
        if (present != null && present.isOpen()) {
            return Future.succeededFuture(present);
        }
        return sessions.open().onSuccess(opened -> session = opened);
    }

    private LaneOutcome failed(LaneOutcome before, List<CoalescedWrite> batch, Throwable cause) {
        stats.failure();
        UpsertSession used = session;
        boolean connectionLost = used == null || !used.isOpen() || !(cause instanceof DatabaseException);
        if (connectionLost && used != null) {
            session = null;
            used.close();
        }
        return release(before, batch).because(cause, connectionLost);
    }

    private LaneOutcome releaseFrom(List<List<CoalescedWrite>> batches, int index, LaneOutcome before) {
        LaneOutcome outcome = before;
        for (List<CoalescedWrite> batch : batches.subList(index, batches.size())) {
            outcome = release(outcome, batch);
        }
        return outcome;
    }

    private LaneOutcome release(LaneOutcome before, List<CoalescedWrite> batch) {
        buffer.release(batch);
        LaneOutcome outcome = before;
        for (CoalescedWrite write : batch) {
            outcome = outcome.leftBehind(write.createdAt());
        }
        return outcome;
    }
}
