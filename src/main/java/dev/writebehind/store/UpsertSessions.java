package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The factory of {@link UpsertSession}s: connections prepared for the flusher. Confined to the context that created it.
 *
 * <p>Each session looks at the table anew, so that a server replaced by one of another kind is noticed, and is gone
 * with its connection when it is closed, so that the host's name is resolved anew. What is known of keys is kept while
 * the table stays as it is.
 */
public final class UpsertSessions {
    private final Pool pool;
    private final Duration timeout;
    private final Announcer announcer;
    private final PacketLimit packets = new PacketLimit();
    private @Nullable Spellings spellings;

    private UpsertSessions(Pool pool, Duration timeout, Announcer announcer) {
        this.pool = pool;
        this.timeout = timeout;
        this.announcer = announcer;
    }

    /** Creates sessions for the current context, that many at a time, which announce nothing. */
    public static UpsertSessions create(Vertx vertx, DatabaseSettings settings, int lanes) {
        return create(vertx, settings, lanes, Announcer.NONE);
    }

    /** Creates sessions for the current context, that many at a time; connects to nothing yet. */
    public static UpsertSessions create(Vertx vertx, DatabaseSettings settings, int lanes, Announcer announcer) {
        return new UpsertSessions(Pools.createForSessions(vertx, settings, lanes), settings.timeout(), announcer);
    }

    /** Opens a session; fails with {@link UnfitSchemaException} where the table is missing or unfit. */
    public Future<UpsertSession> open() {
        return pool.getConnection()
                .compose(connection -> SessionSettings.apply(connection)
                        .compose(set -> TableShape.read(connection))
                        .compose(shape -> prepare(connection, shape))
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

    private Future<UpsertSession> prepare(SqlConnection connection, TableShape shape) {
        UpsertStatements statements = UpsertStatements.forShape(shape);
        Spellings known = spellings;
        Spellings current = known != null && known.shape().equals(shape) ? known : new Spellings(shape);
        spellings = current;
        return RowWriter.open(connection, statements, shape, announcer)
                .map(writer -> new UpsertSession(
                        connection,
                        statements,
                        writer,
                        current,
                        packets,
                        () -> end(connection),
                        new UpsertSession.Idleness(System::nanoTime, timeout.toNanos() / 2)));
    }
}
