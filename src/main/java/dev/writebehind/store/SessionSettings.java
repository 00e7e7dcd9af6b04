package dev.writebehind.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The settings of the sessions that read and upsert. Lock waits are short, because what waits is found out and left to
 * a later flush. Stateless.
 */
final class SessionSettings {
    private static final SessionVariables VARIABLES = new SessionVariables("READ COMMITTED", 5, 1);
    private static final int MIN_IDLE_SECONDS = 2;

    private SessionSettings() {}

    /** Sets everything, and fails with {@link UnfitSchemaException} where the server says that it is otherwise. */
    static Future<Void> apply(SqlConnection connection) {
        return apply(connection, VARIABLES);
    }

    /**
     * Likewise for a session that writes. One that is lost without a word, in the middle of a transaction, must not
     * hold its locks for longer than that; one that is idle is given up by its owner in half the time.
     */
    static Future<Void> applyForWrites(SqlConnection connection, Duration timeout) {
        return apply(connection, VARIABLES.endingAfter(idleSeconds(timeout)));
    }

    /** Returns after how many seconds the server is to end a session that is silent for longer than that. */
    static int idleSeconds(Duration timeout) {
        return Math.max(
                MIN_IDLE_SECONDS, Math.toIntExact(timeout.plusMillis(999).toSeconds()));
    }

    private static Future<Void> apply(SqlConnection connection, SessionVariables variables) {
        Future<?> set = Future.succeededFuture();
        for (String statement : variables.statements()) {
            set = set.compose(before -> connection.query(statement).execute());
        }
        return set.compose(before -> connection.query(variables.readBack()).execute())
                .map(rows -> {
                    Map<String, String> actual = new HashMap<>();
                    for (Row row : rows) {
                        actual.put(row.getString(0).toLowerCase(Locale.ROOT), row.getString(1));
                    }
                    variables.verify(actual);
                    return rows;
                })
                .mapEmpty();
    }
}
