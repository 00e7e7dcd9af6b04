package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.Map;

/**
 * Opens {@link UpsertSession}s: connections prepared for the flusher. Confined to the context that created it.
 *
 * <p>Each session looks at the table anew, so that a server replaced by one of another kind is noticed.
 */
public final class UpsertSessions {
    private static final String SETTINGS = "SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = 5,"
            + " sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";
    private static final String ISOLATION = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    private static final String COLUMNS = "SELECT VERSION() AS version, COLUMN_NAME AS name,"
            + " CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation FROM information_schema.COLUMNS"
            + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME IN ('course_key', 'block_key')";

    private final Pool pool;

    private UpsertSessions(Pool pool) {
        this.pool = pool;
    }

    /** Creates the sessions' pool for the current context; connects to nothing yet. */
    public static UpsertSessions create(Vertx vertx, DatabaseSettings settings, int lanes) {
        return new UpsertSessions(Pools.create(vertx, settings, lanes));
    }

    /** Opens a session; fails with {@link UnfitSchemaException} where the table is missing or unfit. */
    public Future<UpsertSession> open() {
        return pool.getConnection()
                .compose(connection -> prepare(connection)
                        .recover(failure -> connection.close().transform(closed -> Future.failedFuture(failure))));
    }

    /** Closes every connection. */
    public Future<Void> close() {
        return pool.close();
    }

    private static Future<UpsertSession> prepare(SqlConnection connection) {
        return connection
                .query(SETTINGS)
                .execute()
                .compose(set -> connection.query(ISOLATION).execute())
                .compose(set -> connection.preparedQuery(COLUMNS).execute(Tuple.of(UpsertStatements.TABLE)))
                .map(UpsertSessions::statements)
                .compose(statements -> connection
                        .prepare(statements.update())
                        .compose(update -> connection
                                .prepare(statements.insert())
                                .map(insert -> new UpsertSession(connection, update, insert, statements.reset()))));
    }

    private static UpsertStatements statements(RowSet<Row> rows) {
        Map<String, KeyColumn> columns = new HashMap<>();
        for (Row row : rows) {
            Dialect.of(row.getString("version"));
            columns.put(row.getString("name"), new KeyColumn(row.getString("charset"), row.getString("collation")));
        }
        KeyColumn course = columns.get("course_key");
        KeyColumn block = columns.get("block_key");
        if (course == null || block == null) {
            throw new UnfitSchemaException("the table " + UpsertStatements.TABLE
                    + " is missing: run the command migrate, or set database.migrate: true");
        }
        return UpsertStatements.forColumns(course, block);
    }
}
