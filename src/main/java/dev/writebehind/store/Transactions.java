package dev.writebehind.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.function.Supplier;

/** The way to run statements together; stateless. To be called on the connection's context. */
final class Transactions {
    private Transactions() {}

    /** Runs the work in a transaction, which is rolled back where it fails. */
    static <T> Future<T> run(SqlConnection connection, Supplier<Future<T>> work) {
        return connection
                .begin()
                .compose(transaction -> work.get()
                        .compose(result -> transaction.commit().map(result))
                        .recover(failure ->
                                transaction.rollback().transform(rolledBack -> Future.failedFuture(failure))));
    }
}
