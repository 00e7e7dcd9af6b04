package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The factory of {@link UpsertSession}s: connections prepared for the flusher. Confined to the context that created it.
 *
 * <p>Each session looks at the table anew, so that a server replaced by one of another kind is noticed, and is gone
 * with its connection when it is closed, so that the host's name is resolved anew. What is known of keys is kept while
 * the table stays as it is.
 */
public final class UpsertSessions {
    private final Vertx vertx;
    private final Pool pool;
    private final Duration timeout;
    private final Announcer announcer;
    private final Fencing fencing;
    private final PacketLimit packets = new PacketLimit();
    private @Nullable Spellings spellings;

    private UpsertSessions(Vertx vertx, Pool pool, Duration timeout, Announcer announcer, Fencing fencing) {
        this.vertx = vertx;
        this.pool = pool;
        this.timeout = timeout;
        this.announcer = announcer;
        this.fencing = fencing;
    }

    /** Creates sessions for the current context, that many at a time, which announce nothing. */
    public static UpsertSessions create(Vertx vertx, DatabaseSettings settings, int lanes) {
        return create(vertx, settings, lanes, Announcer.NONE);
    }

    /** Likewise, which need no claim to write. */
    public static UpsertSessions create(Vertx vertx, DatabaseSettings settings, int lanes, Announcer announcer) {
        return create(vertx, settings, lanes, announcer, Fencing.NONE);
    }

    /** Creates sessions for the current context, that many at a time; connects to nothing yet. */
    public static UpsertSessions create(
            Vertx vertx, DatabaseSettings settings, int lanes, Announcer announcer, Fencing fencing) {
        return new UpsertSessions(
                vertx, Pools.createForSessions(vertx, settings, lanes), settings.timeout(), announcer, fencing);
    }

    /**
     * Opens a session, which writes under the claim that is in force now, and under no other. Fails with
     * {@link UnfitSchemaException} where the table is missing or unfit, and as {@link DatabaseFailure#FENCED} where
     * there has to be a claim and is none.
     */
    public Future<UpsertSession> open() {
        Optional<Fence> fence = fencing.inForce();
        if (fencing.isNeeded() && fence.isEmpty()) {
            return Future.failedFuture(new FencedException("this instance has not claimed what is to be flushed"));
        }
        return pool.getConnection()
                .compose(connection -> SessionSettings.applyForWrites(connection, timeout)
                        .compose(set -> TableShape.read(connection))
                        .compose(shape -> Transactions.open(connection, fence)
                                .compose(transactions -> prepare(connection, transactions, shape)))
                        .onFailure(failure -> end(connection)))
                .recover(failure -> Future.failedFuture(ServingLogin.clarified(failure)));
    }

    /** Closes every connection. */
    public Future<Void> close() {
        return pool.close();
    }

    /** Has the server hang up: given back as it is, the pool would hand the same connection out again. */
    private static void end(SqlConnection connection) {
        connection.query("KILL CONNECTION_ID()").execute().onComplete(ended -> connection.close());
    }

    private Future<UpsertSession> prepare(SqlConnection connection, Transactions transactions, TableShape shape) {
        UpsertStatements statements = UpsertStatements.forShape(shape);
        Spellings known = spellings;
        Spellings current = known != null && known.shape().equals(shape) ? known : new Spellings(vertx, shape);
        spellings = current;
        return RowWriter.open(connection, transactions, statements, shape, announcer)
                .map(writer -> new UpsertSession(
                        connection,
                        transactions,
                        statements,
                        writer,
                        current,
                        packets,
                        () -> end(connection),
                        new UpsertSession.Idleness(System::nanoTime, timeout.toNanos() / 2)));
    }
}
