package dev.writebehind.flush;

import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.store.ChangeBatch;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.DeadLetterWriter.Gone;
import dev.writebehind.store.UpsertSession;
import dev.writebehind.store.UpsertSession.Committed;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** A lane's connection, there when it is needed. Confined to the flusher's context. */
final class LaneConnection {
    private static final int MAX_CONFLICTS = 10;
    private static final long MAX_JITTER_MILLIS = 20;

    private final Vertx vertx;
    private final UpsertSessions sessions;
    private final FlushStats stats;
    private final ReceiptClock clock;
    private final DoubleSupplier random;
    private @Nullable UpsertSession session;

    LaneConnection(Vertx vertx, UpsertSessions sessions, FlushStats stats, ReceiptClock clock, DoubleSupplier random) {
        this.vertx = vertx;
        this.sessions = sessions;
        this.stats = stats;
        this.clock = clock;
        this.random = random;
    }

    /** Returns {@link ReceiptClock#horizon}. */
    long horizon() {
        return clock.horizon();
    }

    /** Commits the batch; after a conflict once more, after a moment, some times. */
    Future<Committed> commit(ChangeBatch batch) {
        return commit(batch, Gone.NONE);
    }

    /** As the other, with those dead letters gone by the same transaction. */
    Future<Committed> commit(ChangeBatch batch, Gone gone) {
        return commit(batch, gone, 0);
    }

    private Future<Committed> commit(ChangeBatch batch, Gone gone, int conflicts) {
        return open().compose(open -> open.commit(batch, horizon(), gone)).recover(failure -> {
            if (DatabaseFailure.of(failure) != DatabaseFailure.CONFLICT || conflicts == MAX_CONFLICTS) {
                return Future.failedFuture(failure);
            }
            stats.conflict();
            long pause = 1 + Math.round(random.getAsDouble() * MAX_JITTER_MILLIS);
            return vertx.timer(pause, TimeUnit.MILLISECONDS).compose(elapsed -> commit(batch, gone, conflicts + 1));
        });
    }

    /** Returns the session, opened anew where there is none of use. */
    Future<UpsertSession> open() {
        UpsertSession present = session;
        if (present != null && present.isOpen()) {
            return Future.succeededFuture(present);
        }
        drop();
        return sessions.open().onSuccess(opened -> session = opened);
    }

    /** Ends the session: what it knows of the table may be wrong, or its connection of no use. */
    void drop() {
        UpsertSession used = session;
        session = null;
        if (used != null) {
            used.close();
        }
    }
}
