package dev.writebehind.store;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.ChangeBatch.Upserts;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection that commits batches, one after the other; good for the table as it was when the session was opened.
 * Confined to the context that opened it.
 */
public final class UpsertSession {
    /** What a statement takes besides its batch, in bytes, generously. */
    private static final int STATEMENT_BYTES = 1_024;

    private static final String NO_HORIZON = "9999-12-31 23:59:59.999999";

    private final SqlConnection connection;
    private final Transactions transactions;
    private final RowWriter writer;
    private final UpsertStatements statements;
    private final Spellings spellings;
    private final DeadLetterWriter letters;
    private final PacketLimit packets;
    private final Closing closing;
    private final Idleness idleness;
    private boolean open = true;
    private long usedAt;

    UpsertSession(
            SqlConnection connection,
            Transactions transactions,
            UpsertStatements statements,
            RowWriter writer,
            Spellings spellings,
            PacketLimit packets,
            Closing closing,
            Idleness idleness) {
        this.connection = connection;
        this.transactions = transactions;
        this.letters = new DeadLetterWriter(transactions, new LazyStatements(connection));
        this.statements = statements;
        this.writer = writer;
        this.spellings = spellings;
        this.packets = packets;
        this.closing = closing;
        this.idleness = idleness;
        this.usedAt = idleness.nanos().getAsLong();
        connection.closeHandler(closed -> open = false);
    }

    /** The time that a connection may be silent and yet be used again. */
    record Idleness(LongSupplier nanos, long maxNanos) {}

    /** The end of a session's connection. */
    interface Closing {
        void close();
    }

    /**
     * The result of a transaction; immutable.
     *
     * @param rows rows that were updated, inserted or deleted
     * @param ahead those of them whose time of modification lay in the future
     * @param statements how many statements it took, with those that did nothing
     * @param entries how many entries it added to the outbox
     */
    public record Committed(int rows, int ahead, int statements, int entries) {
        Committed(int rows, int ahead, int statements) {
            this(rows, ahead, statements, 0);
        }
    }

    /**
     * The result of a transaction that adds no rows; immutable.
     *
     * @param places the places in the batch, from 0, that are in the table now
     */
    public record Present(Set<Integer> places, Committed done) {
        public Present {
            places = Set.copyOf(places);
        }
    }

    /**
     * Brings a batch into the table, in one statement or one transaction. When the future fails, nothing or (where the
     * last answer was lost) all of it is there; the same batch may be given again in either case, also merged with
     * newer writes.
     *
     * @param horizon {@link dev.writebehind.completion.ReceiptClock#horizon}
     */
    public Future<Committed> commit(ChangeBatch batch, long horizon) {
        String json = BatchEncoder.encode(batch);
        long bytes = (long) ByteBufUtil.utf8Bytes(json) + STATEMENT_BYTES;
        long limit = Math.min(spellings.shape().maxPacket(), packets.limit());
        if (bytes > limit) {
            return Future.failedFuture(new BatchTooLargeException(bytes, limit));
        }
        return commit(batch, json, SqlTime.text(horizon)).onFailure(failure -> packets.noteRefusal(failure, bytes));
    }

    /** As the other, with those dead letters gone by the same transaction, before its rows are touched. */
    public Future<Committed> commit(ChangeBatch batch, long horizon, DeadLetterWriter.Gone gone) {
        return gone.isNone()
                ? commit(batch, horizon)
                : transactions.beginningWith(() -> letters.remove(gone), () -> commit(batch, horizon));
    }

    /** Returns the dead letters, as this session may change them. */
    public DeadLetterWriter deadLetters() {
        return letters;
    }

    private Future<Committed> commit(ChangeBatch batch, String json, String horizon) {
        return batch instanceof Upserts upserts
                ? used(writer.write(json, horizon, batch.size(), upserts.present(), upserts.news()))
                : inTransaction(() -> deleted(Tuple.of(json, horizon)));
    }

    /** Encodes writes for {@link #commitEncoded}. */
    public static String encode(List<CoalescedWrite> writes) {
        return BatchEncoder.encode(new Upserts(writes));
    }

    /** As {@link #commit} does with that many writes that are encoded already: the database's part of it alone. */
    public Future<Integer> commitEncoded(String writes, int size, boolean present) {
        return used(writer.write(writes, NO_HORIZON, size, present, News.ALL)).map(Committed::rows);
    }

    /** Updates those rows of a batch of writes that are there, and adds none. */
    public Future<Present> commitPresent(Upserts batch, long horizon) {
        String json = BatchEncoder.encode(batch);
        return used(writer.writePresent(
                json,
                SqlTime.text(horizon),
                batch.news(),
                done -> query(statements.present(), json).map(rows -> new Present(places(rows), done)),
                Present::done));
    }

    /**
     * Returns the places in the batch, from 0, whose rows somebody else has locked, inserted or deleted in a
     * transaction that is still open. Waits for nobody and changes nothing.
     */
    public Future<Set<Integer>> blocked(ChangeBatch batch) {
        boolean resets = batch instanceof Resets;
        String present = resets ? statements.presentForReset() : statements.present();
        String lockable = resets ? statements.lockableForReset() : statements.lockable();
        String json = BatchEncoder.encode(batch);
        Set<List<Object>> there = new HashSet<>();
        return connection
                .query("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")
                .execute()
                .compose(set -> query(present, json))
                .compose(dirty -> inTransaction(() -> {
                    dirty.forEach(row -> there.add(placeAndId(row)));
                    return query(present, json).compose(rows -> {
                        rows.forEach(row -> there.add(placeAndId(row)));
                        return query(lockable, json);
                    });
                }))
                .map(free -> {
                    free.forEach(row -> there.remove(placeAndId(row)));
                    Set<Integer> places = new HashSet<>();
                    there.forEach(row -> places.add((Integer) row.get(0)));
                    return places;
                });
    }

    /** Learns what the table makes of the changes' keys. */
    public Future<KnownSpellings> learn(Collection<? extends Change> changes) {
        return spellings.learn(connection, changes);
    }

    /** Whether the table is no longer the one that the session was opened for. */
    public Future<Boolean> isOutdated() {
        return TableShape.read(connection).map(shape -> !shape.equals(spellings.shape()));
    }

    /** Returns which part of the table's ids is left, from 0 to 1. */
    public Future<Double> idsLeft() {
        return connection.query(IdRange.QUERY).execute().map(rows -> {
            Row row = rows.iterator().next();
            return IdRange.of(row.getString("type"), whole(row.getValue("next")), whole(row.getValue("newest")))
                    .share();
        });
    }

    private static @Nullable BigInteger whole(@Nullable Object number) {
        return number == null ? null : new BigDecimal(number.toString()).toBigInteger();
    }

    /**
     * Whether the connection is still there, as far as is known, and was used a moment ago: the silence after which it
     * is closed also counts while nothing is asked, so that an idle one has little time left for an answer.
     */
    public boolean isOpen() {
        return open && idleness.nanos().getAsLong() - usedAt < idleness.maxNanos();
    }

    /** Ends the connection. */
    public void close() {
        open = false;
        closing.close();
    }

    private <T> Future<T> inTransaction(Supplier<Future<T>> work) {
        return used(transactions.run(work));
    }

    private <T> Future<T> used(Future<T> work) {
        return work.onComplete(ended -> usedAt = idleness.nanos().getAsLong());
    }

    /** Prepared only when needed: a user who may not delete can write all the same. */
    private Future<Committed> deleted(Tuple parameters) {
        return connection
                .preparedQuery(statements.reset())
                .execute(parameters)
                .map(SqlResult::rowCount)
                .map(rows -> new Committed(rows, 0, 1));
    }

    private Future<RowSet<Row>> query(String sql, String json) {
        return connection.preparedQuery(sql).execute(Tuple.of(json));
    }

    private static List<Object> placeAndId(Row row) {
        return List.of(row.getInteger(0) - 1, row.getValue(1));
    }

    private static Set<Integer> places(RowSet<Row> rows) {
        Set<Integer> places = new HashSet<>();
        rows.forEach(row -> places.add(row.getInteger(0) - 1));
        return places;
    }
}
