package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.Schema;
import dev.writebehind.testing.Futures;
import dev.writebehind.testing.RecordingLog;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An outbox that takes nothing, is full, or that nobody empties: what becomes of rows, and who is told. */
@ExtendWith(VertxExtension.class)
class AnnouncementsIT {
    private static final String OUTBOX = "completion_writebehind_outbox";
    private static final KeyPool KEYS = new KeyPool();
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofMinutes(10);

    private final TestDatabase database = TestDatabase.create();
    private final ReceiptClock clock = new ReceiptClock();
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(1_000, ByteSize.ofMebibytes(16), Duration.ZERO), clock, RecordingLog.ofNothing());
    private final Conditions conditions = new Conditions(Clock.systemUTC());
    private final AtomicLong most = new AtomicLong(1_000);
    private Vertx vertx;
    private Announcements announcements;
    private Flusher flusher;

    @BeforeEach
    void keep(Vertx own) {
        vertx = own;
    }

    @AfterEach
    void close() {
        Futures.await(vertx.close());
        database.close();
    }

    @Test
    void outbox_isGoneForAWhile_holdsRowsUpForThatWhile_andLosesNothing() throws Exception {
        deploy(LONG, LONG);
        database.execute("RENAME TABLE " + OUTBOX + " TO elsewhere");
        write(1, 0.5);
        await().until(() -> flusher.stats().failures(DatabaseFailure.SETUP) > 2);
        assertThat(conditions.holds(ConditionName.DATABASE_SETUP)).isTrue();
        assertThat(flusher.failure()).contains("no entry can be added to " + OUTBOX);
        assertThat(database.rows()).isZero();

        database.execute("RENAME TABLE elsewhere TO " + OUTBOX);
        await().until(() -> database.rows() == 1);
        await().until(() -> conditions.current().isEmpty());
        assertThat(users()).containsExactly("1");
        assertThat(announcements.leftOut()).isZero();
    }

    @Test
    void outbox_isGoneForLonger_rowsAreWrittenWithoutIt_untilItIsThereAgain() throws Exception {
        deploy(Duration.ofMillis(300), LONG);
        database.execute("RENAME TABLE " + OUTBOX + " TO elsewhere");
        write(1, 0.5);
        await().until(() -> database.rows() == 1);
        assertThat(conditions.holds(ConditionName.ANNOUNCEMENTS_FAILING)).isTrue();
        await().until(() -> !conditions.holds(ConditionName.DATABASE_SETUP));
        write(2, 0.5);
        await().until(() -> database.rows() == 2);
        await().until(() -> announcements.leftOut() == 2);

        database.execute("RENAME TABLE elsewhere TO " + OUTBOX);
        await().until(() -> {
            write(3, Math.random());
            return conditions.current().isEmpty();
        });
        await().until(() -> users().contains("3"));
        assertThat(users()).doesNotContain("1", "2");
    }

    @Test
    void outbox_whereTheUserMayNotAdd_isTold_andHoldsNothingUpForEver() throws Exception {
        assumeThat(database.mayGrant()).isTrue();
        Schema.of(settings(database.uri()), true).migrate();
        String user = database.createUser(
                "SELECT, INSERT, UPDATE, DELETE ON completion_blockcompletion", "SELECT, INSERT ON " + OUTBOX);
        deployOn(settings(database.uriAs(user)), Duration.ofMillis(300), LONG);
        write(1, 0.5);
        await().until(() -> users().contains("1"));

        database.execute("REVOKE INSERT ON " + database.schema() + "." + OUTBOX + " FROM " + user);
        write(2, 0.5);
        await().until(() -> database.rows() == 2);
        assertThat(conditions.current())
                .filteredOn(condition -> condition.name() == ConditionName.ANNOUNCEMENTS_FAILING)
                .singleElement()
                .satisfies(condition -> assertThat(condition.cause()).contains("denied", OUTBOX));
        assertThat(users()).containsExactly("1");
    }

    @Test
    void outbox_refusesAnEntryAsADuplicate_isTheOutboxsFailure_andNoDeadLetter() throws Exception {
        deploy(Duration.ofMillis(300), LONG);
        database.execute("ALTER TABLE " + OUTBOX + " ADD UNIQUE (completion_id)");
        write(1, 0.5);
        await().until(() -> users().contains("1"));
        write(1, 1);
        await().until(() -> database.value("SELECT completion FROM completion_blockcompletion")
                .equals("1"));
        assertThat(conditions.holds(ConditionName.ANNOUNCEMENTS_FAILING)).isTrue();
        assertThat(flusher.stats().deadLetters()).isZero();
    }

    /** Somebody's ALTER or OPTIMIZE waits for a lock, and flushes wait behind it. */
    @Test
    void outbox_isLockedForAWhile_losesNothing() throws Exception {
        deploy(LONG, LONG);
        write(1, 0.5);
        await().until(() -> database.rows() == 1);
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            statement.execute("LOCK TABLES " + OUTBOX + " WRITE");
            write(2, 0.5);
            await().until(() -> flusher.stats().failures(DatabaseFailure.OUTAGE) > 0);
            assertThat(database.rows()).isEqualTo(1);
        }
        await().until(() -> users().equals(List.of("1", "2")));
        assertThat(announcements.leftOut()).isZero();
    }

    @Test
    void outbox_isFull_takesNoMore_untilAFifthIsFree() throws Exception {
        most.set(10);
        deploy(LONG, LONG);
        for (int user = 1; user <= 11; user++) {
            write(user, 0.5);
        }
        await().until(() -> conditions.holds(ConditionName.ANNOUNCEMENTS_FULL));
        assertThat(announcements.backlog()).isEqualTo(11);
        write(12, 0.5);
        await().until(() -> announcements.leftOut() == 1);
        await().until(() -> database.rows() == 12);
        assertThat(users()).hasSize(11).doesNotContain("12");

        database.execute("DELETE FROM " + OUTBOX + " ORDER BY id LIMIT 2");
        await().until(() -> announcements.backlog() == 9);
        write(13, 0.5);
        await().until(() -> announcements.leftOut() == 2);

        database.execute("DELETE FROM " + OUTBOX + " ORDER BY id LIMIT 1");
        await().until(() -> conditions.current().isEmpty());
        write(14, 0.5);
        await().until(() -> users().contains("14"));
        assertThat(users()).doesNotContain("12", "13");
        assertThat(announcements.leftOut()).isEqualTo(2);
    }

    @Test
    void outbox_thatNobodyEmpties_isTold_andWithItsAge() throws Exception {
        deploy(LONG, Duration.ofMillis(200));
        write(1, 0.5);
        await().until(() -> conditions.holds(ConditionName.ANNOUNCEMENTS_LATE));
        assertThat(announcements.age()).isGreaterThan(0.2);
        assertThat(announcements.backlog()).isEqualTo(1);

        database.execute("DELETE FROM " + OUTBOX);
        await().until(() -> conditions.current().isEmpty());
        assertThat(announcements.age()).isZero();
    }

    private void deploy(Duration hold, Duration age) throws Exception {
        Schema.of(settings(database.uri()), true).migrate();
        deployOn(settings(database.uri()), hold, age);
    }

    private void deployOn(DatabaseSettings settings, Duration hold, Duration age) {
        announcements = new Announcements(
                true,
                most::get,
                conditions,
                new Announcements.Patience(hold, SHORT, SHORT, age, SHORT),
                System::nanoTime,
                () -> System.currentTimeMillis() * 1_000);
        flusher = new Flusher(
                () -> new FlushSettings(Duration.ofMillis(20), 500, 2, 1_000, Duration.ofMillis(50)),
                new Flusher.Source(
                        buffer,
                        clock,
                        new DeadLetterFiles(
                                TemporaryDirectory.create("dead-letters").resolve("dead-letters"), KEYS, () -> {})),
                new Flusher.Target(settings, () -> TableState.PREPARED, announcements),
                conditions,
                () -> 0.5);
        Futures.await(vertx.deployVerticle(flusher));
    }

    private static DatabaseSettings settings(String uri) {
        return new DatabaseSettings(DatabaseUri.parse(uri), true, Duration.ofSeconds(10), 1);
    }

    private void write(int user, double value) {
        CompletionKey key = new CompletionKey(user, KEYS.course("c"), KEYS.block("b"));
        assertThat(buffer.offer(List.of(new CompletionWrite(key, value)), null)).isTrue();
    }

    private List<String> users() {
        return database.query("SELECT user_id FROM " + OUTBOX + " ORDER BY id").stream()
                .map(row -> row.get(0))
                .toList();
    }
}
