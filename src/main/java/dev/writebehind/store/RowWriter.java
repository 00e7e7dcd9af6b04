package dev.writebehind.store;

import dev.writebehind.store.UpsertSession.Committed;
import io.vertx.core.Future;
import io.vertx.mysqlclient.MySQLClient;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Function;

/**
 * The writing of batches over one connection: by the one statement that does where the rows are as expected, and where
 * they are not, so that it did nothing, by the two that always do. Confined to the connection's context.
 */
final class RowWriter {
    /** Each id that is noted copies those before it. */
    private static final int MOST_NOTED = 2_000;

    private final SqlConnection connection;
    private final Transactions transactions;
    private final Prepared prepared;
    private final LazyStatements lazy;
    private final OutboxWriter outbox;
    private final TableShape shape;
    private Rows lately = Rows.NEW;
    private long batches;

    private RowWriter(
            SqlConnection connection,
            Transactions transactions,
            Prepared prepared,
            TableShape shape,
            Announcer announcer) {
        this.connection = connection;
        this.transactions = transactions;
        this.prepared = prepared;
        lazy = new LazyStatements(connection);
        outbox = new OutboxWriter(lazy, prepared.texts(), announcer);
        this.shape = shape;
    }

    /** What a batch's rows are to the table. */
    private enum Rows {
        NEW,
        PRESENT,
        MIXED
    }

    /** The ways to write a batch; the first two do all of it or nothing. */
    private enum Way {
        INSERT,
        UPDATE,
        INSERT_THEN_UPDATE
    }

    /** The statements, and those of them that every batch needs as the server has prepared them. */
    private record Prepared(
            UpsertStatements texts,
            PreparedStatement insertAll,
            PreparedStatement updateAll,
            PreparedStatement insert,
            PreparedStatement update) {}

    private record Batch(
            String json, String horizon, Tuple writes, Tuple writesAndHorizon, int size, boolean announced, News news) {
        Batch(String json, String horizon, int size, boolean announced, News news) {
            this(json, horizon, Tuple.of(json), Tuple.of(json, horizon), size, announced, news);
        }
    }

    /** What was done, and the id of the first row that was added; 0: none was, or it does not matter. */
    private record Done(Rows found, Committed committed, long firstId) {
        Done after(int failed) {
            return with(new Committed(
                    committed.rows(), committed.ahead(), committed.statements() + failed, committed.entries()));
        }

        Done with(Committed all) {
            return new Done(found, all, firstId);
        }

        /** Returns the id from which on rows may be new ones. */
        long firstNewId() {
            return found == Rows.PRESENT ? OutboxWriter.NONE_NEW : found == Rows.NEW ? OutboxWriter.ALL_NEW : firstId;
        }
    }

    /**
     * Has the server prepare the statements.
     *
     * @param shape also says whether an INSERT may be tried where a row may be there: it would use up ids in vain
     * @param announcer says whether changed rows are told of
     */
    static Future<RowWriter> open(
            SqlConnection connection,
            Transactions transactions,
            UpsertStatements texts,
            TableShape shape,
            Announcer announcer) {
        Future<PreparedStatement> insertAll = connection.prepare(texts.insertAll());
        Future<PreparedStatement> updateAll = connection.prepare(texts.updateAll());
        Future<PreparedStatement> insert = connection.prepare(texts.insert());
        Future<PreparedStatement> update = connection.prepare(texts.update());
        return Future.all(insertAll, updateAll, insert, update)
                .map(all -> new RowWriter(
                        connection,
                        transactions,
                        new Prepared(texts, insertAll.result(), updateAll.result(), insert.result(), update.result()),
                        shape,
                        announcer));
    }

    /**
     * Writes a batch, all of it or nothing.
     *
     * @param present whether all the rows are expected to be there; else they are taken for what the last ones were
     * @param news of which of them there is something to tell
     */
    Future<Committed> write(String writes, String horizon, int size, boolean present, News news) {
        List<Way> ways = ways(size, present ? Rows.PRESENT : lately);
        return outbox.run(
                        news,
                        announced -> write(new Batch(writes, horizon, size, announced, news), ways, 0),
                        Done::committed)
                .map(done -> {
                    if (!present) {
                        lately = done.found();
                    }
                    return done.committed();
                });
    }

    private List<Way> ways(int size, Rows expected) {
        List<Way> ways = promising(size, expected);
        return shape.hasManyIds()
                ? ways
                : ways.stream().filter(way -> way != Way.INSERT).toList();
    }

    private static List<Way> promising(int size, Rows expected) {
        if (size > 1) {
            return switch (expected) {
                case NEW -> List.of(Way.INSERT, Way.INSERT_THEN_UPDATE);
                case PRESENT -> List.of(Way.UPDATE, Way.INSERT_THEN_UPDATE);
                case MIXED -> List.of(Way.INSERT_THEN_UPDATE);
            };
        }
        return expected == Rows.PRESENT
                ? List.of(Way.UPDATE, Way.INSERT, Way.INSERT_THEN_UPDATE)
                : List.of(Way.INSERT, Way.UPDATE, Way.INSERT_THEN_UPDATE);
    }

    private Future<Done> write(Batch batch, List<Way> ways, int failed) {
        Way way = ways.get(failed);
        Future<Done> done = switch (way) {
            case INSERT -> batch.announced() ? announced(batch, this::insertAll) : alone(batch, this::insertAll);
            case UPDATE -> batch.announced() ? announcedUpdate(batch) : alone(batch, this::updateAll);
            case INSERT_THEN_UPDATE ->
                batch.announced()
                        ? announced(batch, this::insertThenUpdate)
                        : transactions.run(() -> insertThenUpdate(batch));
        };
        return done.map(written -> written.after(failed))
                .recover(failure ->
                        isUnexpected(way, failure) ? write(batch, ways, failed + 1) : Future.failedFuture(failure));
    }

    private Future<Done> alone(Batch batch, Function<Batch, Future<Done>> changing) {
        return transactions.runAlone(() -> changing.apply(batch));
    }

    private Future<Done> announced(Batch batch, Function<Batch, Future<Done>> changing) {
        return transactions.run(() ->
                changing.apply(batch).compose(done -> announce(batch, done).map(done::with)));
    }

    private Future<Done> announcedUpdate(Batch batch) {
        return batch.news() == News.ALL
                        && batch.size() <= MOST_NOTED
                        && shape.dialect().notesIds()
                ? transactions.run(() -> updateAllNoted(batch)
                        .compose(done -> outbox.addNoted(done.committed()).map(done::with)))
                : announced(batch, this::updateAll);
    }

    private Future<Committed> announce(Batch batch, Done done) {
        return batch.news() == News.ALL && done.found() == Rows.NEW && shape.hasConsecutiveIds() && done.firstId() > 0
                ? outbox.addNew(done.committed(), done.firstId())
                : outbox.add(batch.json(), done.committed(), done.firstNewId());
    }

    /** Whether the statement failed because of rows that are not as expected, or may have. */
    private static boolean isUnexpected(Way way, Throwable failure) {
        return switch (way) {
            case INSERT ->
                failure instanceof OutboxWriter.OtherIdsException
                        || switch (DatabaseFailure.of(failure)) {
                            case DATA, NO_IDS -> true; // where the row is there, it needs no id, nor fails as a new one
                            case CONFLICT ->
                                DatabaseFailure.isDuplicate(failure) || DatabaseFailure.isIdCounter(failure);
                            default -> false;
                        };
            case UPDATE ->
                failure instanceof OutboxWriter.OtherIdsException
                        || (failure instanceof DatabaseException refused
                                && refused.getErrorCode() == UpsertStatements.NOT_ALL_PRESENT);
            case INSERT_THEN_UPDATE -> false;
        };
    }

    private Future<Done> insertAll(Batch batch) {
        return prepared.insertAll()
                .query()
                .execute(batch.writes())
                .map(inserted -> new Done(Rows.NEW, new Committed(inserted.rowCount(), 0, 1), firstId(inserted)));
    }

    private Future<Done> updateAll(Batch batch) {
        return prepared.updateAll()
                .query()
                .execute(batch.writesAndHorizon())
                .map(updated -> new Done(Rows.PRESENT, new Committed(updated.rowCount(), 0, 1), 0));
    }

    private Future<Done> updateAllNoted(Batch batch) {
        long number = ++batches;
        return lazy.execute(prepared.texts().updateAllNoted(), Tuple.of(batch.json(), number, number, batch.horizon()))
                .map(updated -> new Done(Rows.PRESENT, new Committed(updated.rowCount(), 0, 1), 0));
    }

    /** What was there is locked by the INSERT, so that the UPDATE finds all of it. */
    private Future<Done> insertThenUpdate(Batch batch) {
        return prepared.insert().query().execute(batch.writes()).compose(added -> {
            int inserted = added.rowCount();
            if (inserted == batch.size()) {
                return Future.succeededFuture(new Done(Rows.NEW, new Committed(inserted, 0, 1), 0));
            }
            return update(batch.writesAndHorizon())
                    .map(updated -> new Done(
                            inserted == 0 ? Rows.PRESENT : Rows.MIXED,
                            new Committed(inserted + updated.rows(), updated.ahead(), 1 + updated.statements()),
                            firstId(added)));
        });
    }

    private static long firstId(SqlResult<?> added) {
        Long first = added.property(MySQLClient.LAST_INSERTED_ID);
        return first == null ? 0 : first;
    }

    /** What becomes of those of a batch's rows that are there, in a transaction of which others' work is a part. */
    <T> Future<T> writePresent(
            String writes,
            String horizon,
            News news,
            Function<Committed, Future<T>> rest,
            Function<T, Committed> committed) {
        return outbox.run(
                news,
                announced -> transactions.run(() -> update(Tuple.of(writes, horizon))
                        .compose(done -> announced
                                ? outbox.add(writes, done, OutboxWriter.NONE_NEW)
                                : Future.succeededFuture(done))
                        .compose(rest)),
                committed);
    }

    /** Changes the rows that are there, whatever time they are from; within a transaction. */
    private Future<Committed> update(Tuple writesAndHorizon) {
        return prepared.update().query().execute(writesAndHorizon).compose(updated -> {
            Long flag = updated.property(MySQLClient.LAST_INSERTED_ID);
            if (flag == null || flag == 0) {
                return Future.succeededFuture(new Committed(updated.rowCount(), 0, 1));
            }
            return connection
                    .preparedQuery(prepared.texts().updateAhead())
                    .execute(writesAndHorizon)
                    .map(ahead -> new Committed(updated.rowCount() + ahead.rowCount(), ahead.rowCount(), 2));
        });
    }
}
