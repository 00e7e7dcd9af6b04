package dev.writebehind.store;

import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The reader of a learner's rows, with plain consistent reads, which lock nothing. Confined to the context that created
 * it.
 */
public final class CompletionReader {
    private static final String ROWS = "SELECT block_key, block_type, completion, created, modified FROM "
            + UpsertStatements.TABLE + " WHERE user_id = ? AND course_key = ?";

    private final Pool pool;
    private final long timeoutMillis;

    private CompletionReader(Pool pool, long timeoutMillis) {
        this.pool = pool;
        this.timeoutMillis = timeoutMillis;
    }

    /** Creates the reader and its pool for the current context; connects to nothing yet. */
    public static CompletionReader create(Vertx vertx, DatabaseSettings settings) {
        return new CompletionReader(
                Pools.create(vertx, "reads", settings, settings.readConnections()),
                settings.timeout().toMillis());
    }

    /**
     * Returns every row of the learner in the course, in no particular order; none where the table can't hold its key.
     */
    public Future<List<StoredCompletion>> read(int userId, CourseKey course) {
        return pool.preparedQuery(ROWS)
                .execute(Tuple.of(userId, course.value()))
                .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
                .map(CompletionReader::completions)
                .recover(failure -> DatabaseFailure.isImpossibleText(failure)
                        ? Future.succeededFuture(List.of())
                        : Future.failedFuture(failure));
    }

    /** Closes every connection. */
    public Future<Void> close() {
        return pool.close();
    }

    private static List<StoredCompletion> completions(RowSet<Row> rows) {
        List<StoredCompletion> completions = new ArrayList<>(rows.size());
        for (Row row : rows) {
            completions.add(new StoredCompletion(
                    row.getString(0),
                    row.getString(1),
                    row.getDouble(2),
                    SqlTime.micros(row.getLocalDateTime(3)),
                    SqlTime.micros(row.getLocalDateTime(4))));
        }
        return List.copyOf(completions);
    }
}
