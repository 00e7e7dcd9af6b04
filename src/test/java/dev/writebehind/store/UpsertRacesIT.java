package dev.writebehind.store;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.store.ChangeBatch.Upserts;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What others do to a batch's rows while it is being committed. Each trial has a batch wait, for a row that is held, at
 * the one place where the others' doing would be missed, and is repeated where the wait was over too soon.
 */
@ExtendWith(VertxExtension.class)
class UpsertRacesIT {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String TABLE = "completion_blockcompletion";
    private static final long T0 = 1_763_800_000_123_456L;
    private static final long HORIZON = T0 + 60_000_000;
    private static final int TRIALS = 100;

    /** The servers look at their transactions anew when nobody has asked for 0.1 s. */
    private static final Duration ANEW = Duration.ofMillis(120);

    private static final String WAITING = "SELECT COUNT(*) FROM information_schema.innodb_trx t"
            + " JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id"
            + " WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()";

    private final KeyPool keys = new KeyPool();
    private final TestDatabase database = TestDatabase.create();
    private UpsertSessions sessions;
    private UpsertSession session;

    @BeforeEach
    void prepare(Vertx vertx) throws Exception {
        DatabaseSettings settings =
                new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
        Schema.of(settings).prepare(true);
        sessions = UpsertSessions.create(vertx, settings, 1);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void commit_anOlderRowIsAddedMeanwhile_isNotPassedOver() throws SQLException {
        tryUntilItWaited(() -> {
            expectSomeOfEach();
            database.execute(row(2, 0.5));
            Future<?> committing;
            try (Connection holder = held("SELECT * FROM " + TABLE + " WHERE user_id = 2 FOR UPDATE")) {
                committing = session.commit(new Upserts(both()), HORIZON);
                untilWaiting(committing);
                database.execute(row(1, 0.25));
                holder.rollback();
            }
            return committing;
        });
        assertThat(completions()).containsExactly(List.of("1", "1"), List.of("2", "1"));
    }

    @Test
    void commit_aRowIsDeletedMeanwhile_byAnEarlierReset_isThere() throws SQLException {
        tryUntilItWaited(() -> {
            expectSomeOfEach();
            database.execute(row(1, 0.5));
            CompletableFuture<Void> reset;
            Future<?> committing;
            try (Connection holder = held(row(2, 0.25))) {
                committing = session.commit(new Upserts(both()), HORIZON);
                untilWaiting(committing);
                reset = CompletableFuture.runAsync(this::resetRow);
                Awaitility.await().pollInterval(ANEW).until(() -> reset.isDone() || waiting() == 2);
                holder.rollback();
            }
            reset.join();
            return committing;
        });
        assertThat(completions()).containsExactly(List.of("1", "1"), List.of("2", "1"));
    }

    @Test
    void commit_ofNewRows_oneIsAddedMeanwhile_isNotPassedOver() throws SQLException {
        tryUntilItWaited(() -> {
            Future<?> committing;
            try (Connection holder = held(row(2, 0.25))) {
                committing = session.commit(new Upserts(both()), HORIZON);
                untilWaiting(committing);
                holder.commit();
            }
            return committing;
        });
        assertThat(completions()).containsExactly(List.of("1", "1"), List.of("2", "1"));
    }

    @Test
    void commit_ofRowsThatAreThere_oneIsDeletedMeanwhile_isThere() throws SQLException {
        tryUntilItWaited(() -> {
            database.execute(row(1, 0.5), row(2, 0.5));
            Future<?> committing;
            try (Connection holder = held("DELETE FROM " + TABLE + " WHERE user_id = 2")) {
                committing = session.commit(new Upserts(both(), true), HORIZON);
                untilWaiting(committing);
                holder.commit();
            }
            return committing;
        });
        assertThat(completions()).containsExactly(List.of("1", "1"), List.of("2", "1"));
    }

    @Test
    void commit_ofRowsThatAreThere_oneGetsANewerValueMeanwhile_keepsIt() throws SQLException {
        tryUntilItWaited(() -> {
            database.execute(row(1, 0.5), row(2, 0.5));
            Future<?> committing;
            try (Connection holder =
                    held("UPDATE " + TABLE + " SET completion = 0.75, modified = '1970-01-01' + INTERVAL " + (T0 + 10)
                            + " MICROSECOND WHERE user_id = 2")) {
                committing = session.commit(new Upserts(both(), true), HORIZON);
                untilWaiting(committing);
                holder.commit();
            }
            return committing;
        });
        assertThat(completions()).containsExactly(List.of("1", "1"), List.of("2", "0.75"));
    }

    /** What was there alone, a later reset could delete, and the second attempt would add it again. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void commit_ofRowsThatAreNotAsExpected_showsNoneBeforeAllOfThem(boolean present) throws SQLException {
        tryUntilItWaited(() -> {
            database.execute(row(present ? 1 : 2, 0.5), row(3, 0.5));
            List<List<String>> before = completions();
            Future<?> committing;
            try (Connection holder = held("SELECT * FROM " + TABLE + " WHERE user_id = 3 FOR UPDATE")) {
                List<CoalescedWrite> all = new ArrayList<>(both());
                all.add(write(3, 1, T0 + 9));
                committing = session.commit(new Upserts(all, present), HORIZON);
                untilWaiting(committing);
                assertThat(completions()).isEqualTo(before);
                holder.rollback();
            }
            return committing;
        });
        assertThat(completions()).containsExactly(List.of("1", "1"), List.of("2", "1"), List.of("3", "1"));
    }

    /** Has the session take unknown rows neither for new ones nor for such as are there. */
    private void expectSomeOfEach() {
        database.execute(row(8, 0.5));
        await(session.commit(new Upserts(List.of(write(8, 1, T0), write(9, 1, T0))), HORIZON));
        database.execute("DELETE FROM " + TABLE);
    }

    private void resetRow() {
        try (Connection other = held("DELETE FROM " + TABLE + " WHERE user_id = 1 AND course_key = '" + COURSE
                + "' AND block_key = 'b' AND modified < '1970-01-01' + INTERVAL " + (T0 + 5) + " MICROSECOND")) {
            other.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Trial {
        Future<?> commit() throws SQLException;
    }

    /** A conflict is for the caller to try again; a lock's wait that ended by itself is no trial. */
    private void tryUntilItWaited(Trial trial) throws SQLException {
        for (int i = 0; i < TRIALS; i++) {
            database.execute("DELETE FROM " + TABLE);
            session = await(sessions.open());
            Future<?> committed = trial.commit();
            Awaitility.await().until(committed::isComplete);
            session.close();
            if (committed.succeeded()) {
                return;
            }
            DatabaseFailure failure = DatabaseFailure.of(committed.cause());
            if (failure == DatabaseFailure.CONFLICT) {
                session = await(sessions.open());
                await(session.commit(new Upserts(both()), HORIZON));
                return;
            }
            assertThat(failure).isEqualTo(DatabaseFailure.LOCKED);
        }
        throw new AssertionError("never waited for less than a second");
    }

    private Connection held(String statement) throws SQLException {
        Connection holder = database.connect();
        holder.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED); // the gaps beside its rows are free
        holder.setAutoCommit(false);
        try (Statement holding = holder.createStatement()) {
            holding.execute(statement);
        }
        return holder;
    }

    /** On a busy machine the wait may be over before anybody has looked. */
    private void untilWaiting(Future<?> committing) {
        Awaitility.await().pollInterval(ANEW).until(() -> committing.isComplete() || waiting() >= 1);
    }

    private int waiting() {
        return Integer.parseInt(database.value(WAITING));
    }

    private static String row(int user, double completion) {
        return "INSERT INTO " + TABLE + " (user_id, course_key, block_key, block_type, completion, created, modified)"
                + " VALUES (" + user + ", '" + COURSE + "', 'b', 'unknown', " + completion
                + ", '2020-01-01', '2020-01-01')";
    }

    private List<List<String>> completions() {
        return database.query("SELECT user_id, completion FROM " + TABLE + " ORDER BY user_id");
    }

    private List<CoalescedWrite> both() {
        return List.of(write(1, 1, T0 + 9), write(2, 1, T0 + 9));
    }

    private CoalescedWrite write(int user, double value, long at) {
        CompletionKey key = new CompletionKey(user, keys.course(COURSE), keys.block("b"));
        return new CoalescedWrite(key, value, at, at, at, false);
    }
}
