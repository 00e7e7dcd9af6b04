package dev.writebehind.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The settings of the sessions that read and upsert. Lock waits are short, because what waits is found out and left to
 * a later flush. Stateless.
 */
final class SessionSettings {
    private static final SessionVariables VARIABLES = new SessionVariables("READ COMMITTED", 5, 1);

    private SessionSettings() {}

    /** Sets everything, and fails with {@link UnfitSchemaException} where the server says that it is otherwise. */
    static Future<Void> apply(SqlConnection connection) {
        Future<?> set = Future.succeededFuture();
        for (String statement : VARIABLES.statements()) {
            set = set.compose(before -> connection.query(statement).execute());
        }
        return set.compose(before -> connection.query(VARIABLES.readBack()).execute())
                .map(rows -> {
                    Map<String, String> actual = new HashMap<>();
                    for (Row row : rows) {
                        actual.put(row.getString(0).toLowerCase(Locale.ROOT), row.getString(1));
                    }
                    VARIABLES.verify(actual);
                    return rows;
                })
                .mapEmpty();
    }
}
