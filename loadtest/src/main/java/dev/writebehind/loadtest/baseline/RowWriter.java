package dev.writebehind.loadtest.baseline;

import dev.writebehind.loadtest.baseline.BodyDecoder.BlockValue;
import io.vertx.core.Future;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDateTime;

/**
 * The writer of rows one by one within a transaction, as Open edX does: it reads the row, then inserts it, updates it,
 * or leaves it alone. Confined to the connection's context.
 */
record RowWriter(SqlConnection connection, LocalDateTime receivedAt) {
    private static final int DUPLICATE_KEY = 1062;

    private static final String FIND = "SELECT id, completion FROM completion_blockcompletion"
            + " WHERE course_key = ? AND block_key = ? AND user_id = ?";
    private static final String INSERT = "INSERT INTO completion_blockcompletion"
            + " (user_id, course_key, block_key, block_type, completion, created, modified)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?)";
    private static final String UPDATE =
            "UPDATE completion_blockcompletion SET completion = ?, modified = ? WHERE id = ?";

    Future<Void> write(int userId, BlockValue value) {
        return changeIfThere(userId, value).compose(isThere -> isThere ? done() : insert(userId, value));
    }

    /** Returns whether the row is there; if so, it has the value now. */
    private Future<Boolean> changeIfThere(int userId, BlockValue value) {
        String course = value.course().value();
        String block = value.block().value();
        return execute(FIND, Tuple.of(course, block, userId)).compose(found -> {
            if (found.size() == 0) {
                return Future.succeededFuture(false);
            }
            Row row = found.iterator().next();
            return row.getDouble(1) == value.completion()
                    ? Future.succeededFuture(true)
                    : execute(UPDATE, Tuple.of(value.completion(), receivedAt, row.getLong(0)))
                            .map(true);
        });
    }

    /** Where another was faster, the transaction goes on, and sees the other's row. */
    private Future<Void> insert(int userId, BlockValue value) {
        Tuple row = Tuple.tuple()
                .addInteger(userId)
                .addString(value.course().value())
                .addString(value.block().value())
                .addString(value.block().blockType())
                .addDouble(value.completion())
                .addLocalDateTime(receivedAt)
                .addLocalDateTime(receivedAt);
        return execute(INSERT, row)
                .<Void>mapEmpty()
                .recover(failure -> isDuplicate(failure)
                        ? changeIfThere(userId, value)
                                .compose(isThere -> isThere ? done() : Future.failedFuture(failure))
                        : Future.failedFuture(failure));
    }

    private Future<RowSet<Row>> execute(String sql, Tuple parameters) {
        return connection.preparedQuery(sql).execute(parameters);
    }

    private static boolean isDuplicate(Throwable failure) {
        return failure instanceof DatabaseException error && error.getErrorCode() == DUPLICATE_KEY;
    }

    private static Future<Void> done() {
        return Future.succeededFuture();
    }
}
