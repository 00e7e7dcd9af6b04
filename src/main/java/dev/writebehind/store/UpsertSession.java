package dev.writebehind.store;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CourseReset;
import io.vertx.core.Future;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Supplier;

/** One connection that commits batches, one after the other. Confined to the context that opened it. */
public final class UpsertSession {
    private final SqlConnection connection;
    private final PreparedStatement update;
    private final PreparedStatement insert;
    private final String reset;
    private boolean open = true;

    UpsertSession(SqlConnection connection, PreparedStatement update, PreparedStatement insert, String reset) {
        this.connection = connection;
        this.update = update;
        this.insert = insert;
        this.reset = reset;
        connection.closeHandler(closed -> open = false);
    }

    /**
     * Brings a batch into the table in one transaction. When the future fails, nothing or (where the answer to COMMIT
     * was lost) all of it is there; the same batch may be given again in either case, also merged with newer writes.
     *
     * @param batch either resets, or writes sorted by key, each key once
     * @return rows that were updated, inserted or deleted
     */
    public Future<Integer> commit(List<? extends Change> batch) {
        Tuple rows = Tuple.of(BatchEncoder.encode(batch));
        return batch.get(0) instanceof CourseReset ? committed(() -> deleted(rows)) : committed(() -> upserted(rows));
    }

    /** Encodes writes for {@link #commitEncoded}. */
    public static String encode(List<? extends Change> writes) {
        return BatchEncoder.encode(writes);
    }

    /** As {@link #commit} does with writes that are encoded already: the database's part of it alone. */
    public Future<Integer> commitEncoded(String writes) {
        Tuple rows = Tuple.of(writes);
        return committed(() -> upserted(rows));
    }

    private Future<Integer> committed(Supplier<Future<Integer>> statements) {
        return connection
                .begin()
                .compose(transaction -> statements
                        .get()
                        .compose(count -> transaction.commit().map(count))
                        .recover(failure ->
                                transaction.rollback().transform(rolledBack -> Future.failedFuture(failure))));
    }

    /** Whether the connection is still there, as far as is known. */
    public boolean isOpen() {
        return open;
    }

    /** Gives the connection back. */
    public Future<Void> close() {
        open = false;
        return connection.close();
    }

    private Future<Integer> upserted(Tuple rows) {
        return changed(update, rows).compose(updated -> changed(insert, rows).map(inserted -> updated + inserted));
    }

    /** Prepared only when needed: a user who may not delete can write all the same. */
    private Future<Integer> deleted(Tuple rows) {
        return connection.preparedQuery(reset).execute(rows).map(SqlResult::rowCount);
    }

    private static Future<Integer> changed(PreparedStatement statement, Tuple rows) {
        return statement.query().execute(rows).map(SqlResult::rowCount);
    }
}
