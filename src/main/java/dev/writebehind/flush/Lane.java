package dev.writebehind.flush;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.store.Conflicts;
import dev.writebehind.store.UpsertSession;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.DatabaseException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** One connection of the flusher and the batches that go over it, one after the other. Confined to its context. */
final class Lane {
    private static final int MOST_CONFLICTS = 10;
    private static final long LONGEST_JITTER_MILLIS = 20;

    private final Vertx vertx;
    private final UpsertSessions sessions;
    private final CompletionBuffer buffer;
    private final FlushStats stats;
    private final DoubleSupplier random;
    private @Nullable UpsertSession session;

    Lane(Vertx vertx, UpsertSessions sessions, CompletionBuffer buffer, FlushStats stats, DoubleSupplier random) {
        this.vertx = vertx;
        this.sessions = sessions;
        this.buffer = buffer;
        this.stats = stats;
        this.random = random;
    }

    /**
     * Flushes the batches in order. A batch that the server refuses is released and the next one tried; when the
     * connection is lost, that batch and all after it are released. Never fails.
     */
    Future<LaneOutcome> flush(List<List<CoalescedWrite>> batches) {
        return flush(batches, 0, LaneOutcome.CLEAN);
    }

    private Future<LaneOutcome> flush(List<List<CoalescedWrite>> batches, int index, LaneOutcome before) {
        if (index == batches.size()) {
            return Future.succeededFuture(before);
        }
        List<CoalescedWrite> batch = batches.get(index);
        return upsert(batch, 0)
                .transform(result -> {
                    if (result.succeeded()) {
                        stats.committed(batch.size(), result.result());
                        buffer.settle(batch);
                        return Future.succeededFuture(before);
                    }
                    return Future.succeededFuture(failed(before, batch, result.cause()));
                })
                .compose(outcome -> {
                    if (outcome.connectionLost()) {
                        return Future.succeededFuture(releaseFrom(batches, index + 1, outcome));
                    }
                    return flush(batches, index + 1, outcome);
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
