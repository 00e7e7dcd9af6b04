package dev.writebehind.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way in which a session runs all its statements that write, under the claim that it was opened with if there has
 * to be one: a transaction then begins by reading and locking the claim. Confined to the connection's context.
 */
final class Transactions {
    private final SqlConnection connection;
    private final @Nullable Check check;
    private @Nullable Supplier<Future<Void>> first;

    private Transactions(SqlConnection connection, @Nullable Check check) {
        this.connection = connection;
        this.check = check;
    }

    private record Check(PreparedStatement statement, Tuple fence) {}

    /** @param fence the claim that every one needs; empty: none is needed */
    static Future<Transactions> open(SqlConnection connection, Optional<Fence> fence) {
        return fence.map(claim -> connection
                        .prepare(FenceTable.CHECK)
                        .map(statement -> new Transactions(
                                connection,
                                new Check(
                                        statement,
                                        Tuple.of(
                                                claim.name(),
                                                claim.epoch(),
                                                claim.nonce().toString())))))
                .orElseGet(() -> Future.succeededFuture(new Transactions(connection, null)));
    }

    /** Runs the work in a transaction, which is rolled back where it fails. */
    <T> Future<T> run(Supplier<Future<T>> work) {
        Supplier<Future<Void>> step = first;
        Supplier<Future<T>> all = step == null ? work : () -> step.get().compose(done -> work.get());
        return connection
                .begin()
                .compose(transaction -> check == null
                        ? committed(transaction, all.get())
                        : committed(transaction, inForce(check).compose(passed -> all.get())));
    }

    /** Runs work of one transaction, or of some that are tried in turn, of which each does that step first. */
    <T> Future<T> beginningWith(Supplier<Future<Void>> step, Supplier<Future<T>> work) {
        first = step;
        return Future.succeededFuture().compose(begun -> work.get()).onComplete(ended -> first = null);
    }

    /** Runs one statement, which is a transaction by itself where no claim is needed. */
    <T> Future<T> runAlone(Supplier<Future<T>> statement) {
        return check == null && first == null ? statement.get() : run(statement);
    }

    private static <T> Future<T> committed(Transaction transaction, Future<T> work) {
        return work.compose(result -> transaction.commit().map(result))
                .recover(failure -> transaction.rollback().transform(rolledBack -> Future.failedFuture(failure)));
    }

    /** Fails also where the claim is locked: by one who claims, for nobody else does. */
    private static Future<Void> inForce(Check check) {
        return check.statement()
                .query()
                .execute(check.fence())
                .recover(failure -> Future.failedFuture(
                        switch (DatabaseFailure.of(failure)) {
                            case LOCKED, CONFLICT ->
                                new FencedException("another instance is claiming what is to be flushed", failure);
                            default -> failure;
                        }))
                .compose(rows -> rows.size() > 0
                        ? Future.succeededFuture()
                        : Future.failedFuture(
                                new FencedException("another instance has claimed what is to be flushed")));
    }
}
