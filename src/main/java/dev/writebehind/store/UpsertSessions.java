package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens {@link UpsertSession}s: connections prepared for the flusher. Confined to the context that created it.
 *
 * <p>Each session looks at the table anew, so that a server replaced by one of another kind is noticed, and has a pool
 * of its own: a pool keeps what is given back to it, and a session that is closed is to be gone, its host's name to be
 * resolved anew. What is known of keys is kept while the table stays as it is.
 */
public final class UpsertSessions {
    private final Vertx vertx;
    private final DatabaseSettings settings;
    private final List<Pool> pools = new ArrayList<>();
    private final PacketLimit packets = new PacketLimit();
    private @Nullable Spellings spellings;

    private UpsertSessions(Vertx vertx, DatabaseSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
    }

    /** Creates sessions for the current context; connects to nothing yet. */
    public static UpsertSessions create(Vertx vertx, DatabaseSettings settings) {
        return new UpsertSessions(vertx, settings);
    }

    /** Opens a session; fails with {@link UnfitSchemaException} where the table is missing or unfit. */
    public Future<UpsertSession> open() {
        Pool pool = Pools.createForSession(vertx, settings);
        pools.add(pool);
        return pool.getConnection()
                .compose(connection -> SessionSettings.apply(connection)
                        .compose(set -> TableShape.read(connection))
                        .compose(shape -> prepare(connection, shape, () -> close(pool))))
                .onFailure(failure -> close(pool))
                .recover(failure -> Future.failedFuture(ServingLogin.clarified(failure)));
    }

    /** Closes every connection. */
    public Future<Void> close() {
        return Future.join(pools.stream().map(Pool::close).toList()).mapEmpty();
    }

    private void close(Pool pool) {
        pools.remove(pool);
        pool.close();
    }

    private Future<UpsertSession> prepare(SqlConnection connection, TableShape shape, UpsertSession.Closing closing) {
        UpsertStatements statements = UpsertStatements.forShape(shape);
        Spellings known = spellings;
        Spellings current = known != null && known.shape().equals(shape) ? known : new Spellings(shape);
        spellings = current;
        return connection
                .prepare(statements.update())
                .compose(update -> connection
                        .prepare(statements.insert())
                        .map(insert -> new UpsertSession(
                                connection,
                                update,
                                insert,
                                statements,
                                current,
                                packets,
                                closing,
                                System::nanoTime,
                                settings.timeout().toNanos() / 2)));
    }
}
