package dev.writebehind.store;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseTlsSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.ChangeBatch.Upserts;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the statements do where the table, or somebody else in it, is in their way. */
@Alone
@ExtendWith(VertxExtension.class)
class UpsertEdgesIT {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String TABLE = "completion_blockcompletion";
    private static final long T0 = 1_763_800_000_123_456L;
    private static final long HORIZON = T0 + 60_000_000;
    private static final String ROWS = "SELECT user_id, block_key, completion FROM " + TABLE + " ORDER BY user_id";

    private static final String CONNECTIONS =
            "SELECT id FROM information_schema.processlist" + " WHERE db = DATABASE() AND id <> CONNECTION_ID()";

    private final KeyPool keys = new KeyPool();
    private final TestDatabase database = TestDatabase.create();
    private final DatabaseSettings settings =
            new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
    private Vertx vertx;
    private UpsertSessions sessions;

    @BeforeEach
    void prepare(Vertx own) throws Exception {
        vertx = own;
        Schema.of(settings).prepare(true);
        sessions = UpsertSessions.create(vertx, settings, 2);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @ParameterizedTest
    @CsvSource({
        "SMALLINT, 32767",
        "INT, 2147483647",
        "INT UNSIGNED, 4294967295",
        "BIGINT, 9223372036854775807",
        "BIGINT UNSIGNED, 18446744073709551614",
    })
    void commit_idsUsedUp_failsForWantOfIdsAndChangesNobodysRow(String type, String last) {
        database.execute(
                "ALTER TABLE " + TABLE + " MODIFY id " + type + " NOT NULL AUTO_INCREMENT",
                "INSERT INTO " + TABLE + " (id, user_id, course_key, block_key, block_type, completion, created,"
                        + " modified) VALUES (" + last + ", 99, '" + COURSE + "', 'b', 'unknown', 0.125,"
                        + " '2020-01-01', '2020-01-01')");
        UpsertSession session = await(sessions.open());

        for (List<CoalescedWrite> batch :
                List.of(List.of(write(1, "b", 1, T0)), List.of(write(1, "b", 1, T0), write(2, "b", 1, T0)))) {
            Throwable failure = catchThrowable(() -> await(session.commit(new Upserts(batch), HORIZON)));
            assertThat(failure).hasCauseInstanceOf(Exception.class);
            assertThat(isWantOfIds(failure.getCause())).as(failure.toString()).isTrue();
        }
        assertThat(database.query(ROWS)).containsExactly(List.of("99", "b", "0.125"));

        List<CoalescedWrite> mixed = List.of(write(1, "b", 1, T0), write(99, "b", 0.5, T0), write(100, "b", 1, T0));
        assertThat(await(session.commitPresent(new Upserts(mixed), HORIZON)).places())
                .containsExactly(1);
        assertThat(database.query(ROWS)).containsExactly(List.of("99", "b", "0.5"));
    }

    private static boolean isWantOfIds(Throwable failure) {
        return DatabaseFailure.of(failure) == DatabaseFailure.NO_IDS || DatabaseFailure.isIdCounter(failure);
    }

    @Test
    void commit_aUniqueKeyOfSomebodysOwnInTheWay_changesNobodysRow() {
        database.execute("ALTER TABLE " + TABLE + " ADD UNIQUE KEY own (block_key)");
        UpsertSession session = await(sessions.open());
        await(session.commit(new Upserts(List.of(write(99, "b", 0.125, T0))), HORIZON));

        Throwable failure =
                catchThrowable(() -> await(session.commit(new Upserts(List.of(write(1, "b", 1, T0 + 1))), HORIZON)));

        assertThat(DatabaseFailure.isDuplicate(failure.getCause()))
                .as(failure.toString())
                .isTrue();
        assertThat(database.query(ROWS)).containsExactly(List.of("99", "b", "0.125"));
    }

    @Test
    void commit_aRowThatIsThereButCouldNotBeAdded_isUpdated() {
        UpsertSession session = await(sessions.open());
        await(session.commit(new Upserts(List.of(write(1, "b", 0.5, T0), write(2, "b", 0.5, T0))), HORIZON));
        database.execute("CREATE TRIGGER no_more BEFORE INSERT ON " + TABLE
                + " FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more'");

        await(session.commit(new Upserts(List.of(write(1, "b", 1, T0 + 1), write(2, "b", 1, T0 + 1))), HORIZON));

        assertThat(database.query(ROWS)).containsExactly(List.of("1", "b", "1"), List.of("2", "b", "1"));
    }

    @Test
    void commit_aRowFromTheFuture_isOverwrittenAndCounted() {
        UpsertSession session = await(sessions.open());
        await(session.commit(
                new Upserts(List.of(
                        write(1, "b", 0.25, HORIZON + 1),
                        write(2, "b", 0.25, HORIZON),
                        write(3, "b", 0.75, HORIZON + 1))),
                HORIZON));

        UpsertSession.Committed done = await(session.commit(
                new Upserts(List.of(
                        write(1, "b", 0.75, T0),
                        write(2, "b", 0.75, T0),
                        write(3, "b", 0.75, T0),
                        write(4, "b", 0.75, T0))),
                HORIZON));

        assertThat(database.query(ROWS))
                .as("within the horizon the newer row stands; beyond it a write does, unless it changes nothing")
                .containsExactly(
                        List.of("1", "b", "0.75"),
                        List.of("2", "b", "0.25"),
                        List.of("3", "b", "0.75"),
                        List.of("4", "b", "0.75"));
        assertThat(done).isEqualTo(new UpsertSession.Committed(2, 1, 4));
        assertThat(modified(1)).isEqualTo(T0);
        assertThat(modified(3)).isEqualTo(HORIZON + 1);
        assertThat(await(session.commit(
                        new Upserts(List.of(write(1, "b", 0.5, T0 + 1), write(5, "b", 0.5, T0 + 1))), HORIZON)))
                .as("nothing is left of the flag")
                .isEqualTo(new UpsertSession.Committed(2, 0, 2));
        assertThat(await(session.commit(new Upserts(List.of(write(3, "b", 0.5, T0 + 1)), true), HORIZON)))
                .as("expected to be there, which is tried twice before")
                .isEqualTo(new UpsertSession.Committed(1, 1, 5));
    }

    @Test
    void reset_aRowFromTheFuture_isDeleted() {
        UpsertSession session = await(sessions.open());
        await(session.commit(
                new Upserts(List.of(write(1, "b", 0.25, HORIZON + 1), write(2, "b", 0.25, HORIZON))), HORIZON));

        await(session.commit(new Resets(List.of(reset(1, T0), reset(2, T0))), HORIZON));

        assertThat(database.query(ROWS)).containsExactly(List.of("2", "b", "0.25"));
    }

    @Test
    void blocked_rowsThatOthersChangeAddOrDelete_areFoundWithoutWaiting() throws SQLException {
        UpsertSession session = await(sessions.open());
        List<CoalescedWrite> batch = new ArrayList<>();
        for (int user = 1; user <= 5; user++) {
            batch.add(write(user, "b", 0.5, T0));
        }
        await(session.commit(new Upserts(batch), HORIZON));
        batch.add(write(6, "b", 0.5, T0));
        batch.add(write(7, "b", 0.5, T0));
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED); // the gaps beside its rows are free
            other.setAutoCommit(false);
            statement.execute("UPDATE " + TABLE + " SET completion = 1 WHERE user_id = 2");
            statement.execute("DELETE FROM " + TABLE + " WHERE user_id = 4");
            statement.execute(
                    "INSERT INTO " + TABLE + " (user_id, course_key, block_key, block_type, completion, created,"
                            + " modified) VALUES (6, '" + COURSE + "', 'b', 'unknown', 1, '2020-01-01', '2020-01-01')");

            assertThat(await(session.blocked(new Upserts(batch)))).containsExactlyInAnyOrder(1, 3, 5);
            assertThat(await(
                            session.blocked(new Resets(List.of(reset(1, T0 + 1), reset(2, T0 + 1), reset(4, T0 + 1))))))
                    .containsExactlyInAnyOrder(1, 2);
            List<CoalescedWrite> free = List.of(batch.get(0), batch.get(2), batch.get(4), batch.get(6));
            assertThat(await(session.commit(new Upserts(free), HORIZON)).rows()).isEqualTo(1);
            other.rollback();
        }
        assertThat(await(session.blocked(new Upserts(batch)))).isEmpty();
        assertThat(await(session.commit(new Upserts(batch), HORIZON)).rows())
                .as("user 6")
                .isEqualTo(1);
    }

    @Test
    void commit_aRowThatSomebodyHolds_failsAsLocked() throws SQLException {
        UpsertSession session = await(sessions.open());
        await(session.commit(new Upserts(List.of(write(1, "b", 0.5, T0))), HORIZON));
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT * FROM " + TABLE + " FOR UPDATE");
            Throwable failure = catchThrowable(() ->
                    await(session.commit(new Upserts(List.of(write(1, "b", 1, T0 + 1))), HORIZON)));
            assertThat(DatabaseFailure.of(failure.getCause())).isEqualTo(DatabaseFailure.LOCKED);
        }
    }

    @Test
    void commit_moreThanAPacket_isNotSent() {
        long packet = Long.parseLong(database.value("SELECT @@global.max_allowed_packet"));
        database.execute("SET GLOBAL max_allowed_packet = 65536");
        try {
            UpsertSession session = await(sessions.open());
            List<CoalescedWrite> batch = new ArrayList<>();
            for (int user = 1; user <= 500; user++) {
                batch.add(write(user, "b", 0.5, T0));
            }
            Throwable failure = catchThrowable(() -> await(session.commit(new Upserts(batch), HORIZON)));
            assertThat(failure)
                    .hasCauseInstanceOf(BatchTooLargeException.class)
                    .hasMessageContaining("max_allowed_packet is 65536");
            assertThat(session.isOpen()).isTrue();
            assertThat(await(session.commit(new Upserts(batch.subList(0, 200)), HORIZON))
                            .rows())
                    .isEqualTo(200);
        } finally {
            database.execute("SET GLOBAL max_allowed_packet = " + packet);
        }
    }

    @Test
    void commit_moreThanAProxyTakes_isNotTriedAgain_onAnySession() {
        List<CoalescedWrite> batch = IntStream.rangeClosed(1, 500)
                .mapToObj(user -> write(user, "b", 0.5, T0))
                .toList();
        try (FaultyProxy proxy = new FaultyProxy(database.port())) {
            UpsertSessions proxied = UpsertSessions.create(
                    vertx,
                    new DatabaseSettings(
                                    DatabaseUri.parse(database.uriThrough(proxy.port())),
                                    true,
                                    Duration.ofSeconds(30),
                                    1)
                            .with(DatabaseTlsSettings.of(DatabaseTlsSettings.Mode.DISABLED)),
                    1);
            UpsertSession first = await(proxied.open());
            proxy.refusePacketsBeyond(20_000);
            Throwable refused = catchThrowable(() -> await(first.commit(new Upserts(batch), HORIZON)));
            assertThat(DatabaseFailure.of(refused.getCause())).isEqualTo(DatabaseFailure.TOO_LARGE);
            assertThat(proxy.refusedPackets()).isEqualTo(1);

            UpsertSession next = await(proxied.open());
            assertThat(catchThrowable(() -> await(next.commit(new Upserts(batch), HORIZON))))
                    .hasCauseInstanceOf(BatchTooLargeException.class);
            assertThat(await(next.commit(new Upserts(batch.subList(0, 100)), HORIZON))
                            .rows())
                    .isEqualTo(100);
            assertThat(proxy.refusedPackets()).isEqualTo(1);
        }
    }

    @Test
    void isOutdated_tableConverted_saysSo() {
        UpsertSession session = await(sessions.open());
        assertThat(await(session.isOutdated())).isFalse();
        database.execute("ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
        assertThat(await(session.isOutdated())).isTrue();
    }

    private long modified(int user) {
        return Long.parseLong(database.value("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', modified) FROM " + TABLE
                + " WHERE user_id = " + user));
    }

    /**
     * Given back to its pool, it would be taken again: to a server that takes no writes, whatever the name means now.
     */
    @Test
    void close_ofASession_endsItsConnection() {
        UpsertSession session = await(sessions.open());
        List<List<String>> opened = database.query(CONNECTIONS);
        assertThat(opened).hasSize(1);

        session.close();

        Awaitility.await()
                .atMost(Patience.LONG)
                .untilAsserted(() -> assertThat(database.query(CONNECTIONS)).isEmpty());
        await(sessions.open());
        assertThat(database.query(CONNECTIONS)).hasSize(1).doesNotContainAnyElementsOf(opened);
    }

    private CoalescedWrite write(int user, String block, double value, long at) {
        CompletionKey key = new CompletionKey(user, keys.course(COURSE), keys.block(block));
        return new CoalescedWrite(key, value, at, at, at, false);
    }

    private CourseReset reset(int user, long at) {
        return new CourseReset(new LearnerCourse(user, keys.course(COURSE)), at);
    }
}
