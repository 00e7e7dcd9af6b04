package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.time.LocalDateTime;

/**
 * The looks at how much waits in the outbox, over a connection of their own, so that no flush waits for one. Confined
 * to the context that created it.
 */
public final class OutboxReader {
    private final Pool pool;

    private OutboxReader(Pool pool) {
        this.pool = pool;
    }

    /** Creates it for the current context; connects to nothing yet. */
    public static OutboxReader create(Vertx vertx, DatabaseSettings settings) {
        return new OutboxReader(Pools.create(vertx, "outbox", settings, 1));
    }

    /**
     * What waits in the outbox; immutable.
     *
     * @param entries how many, counted up to a limit
     * @param oldest when the change of the oldest entry was received, microseconds; {@link Long#MAX_VALUE}: there is
     *     none
     */
    public record Backlog(long entries, long oldest) {}

    /**
     * Counts the entries, but no more than that. The ids of the oldest and the newest tell less: a batch's insert
     * leaves some out, and one entry that stays would count as all behind it.
     */
    public Future<Backlog> look(long most) {
        return pool.query("SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM " + OutboxTable.NAME + " LIMIT " + most
                        + ") some) AS entries, (SELECT modified FROM " + OutboxTable.NAME
                        + " ORDER BY id LIMIT 1) AS oldest")
                .execute()
                .map(rows -> {
                    Row row = rows.iterator().next();
                    LocalDateTime oldest = row.getLocalDateTime("oldest");
                    return new Backlog(
                            row.getLong("entries"), oldest == null ? Long.MAX_VALUE : SqlTime.micros(oldest));
                });
    }

    /** Ends its connection. */
    public Future<Void> close() {
        return pool.close();
    }
}
