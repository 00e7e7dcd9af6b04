package dev.writebehind.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.Map;

/**
 * Statements that the server prepares when they are first needed, and anew after one has failed: what they need may not
 * be there yet, or be another by now. Confined to the connection's context.
 */
final class LazyStatements {
    private final SqlConnection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    LazyStatements(SqlConnection connection) {
        this.connection = connection;
    }

    Future<RowSet<Row>> execute(String sql, Tuple parameters) {
        PreparedStatement known = prepared.get(sql);
        Future<PreparedStatement> ready = known != null
                ? Future.succeededFuture(known)
                : connection.prepare(sql).onSuccess(statement -> prepared.put(sql, statement));
        return ready.compose(statement -> statement.query().execute(parameters)).onFailure(failure -> forget(sql));
    }

    private void forget(String sql) {
        PreparedStatement failed = prepared.remove(sql);
        if (failed != null) {
            failed.close();
        }
    }
}
