package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Courses that the table alone holds equal: the buffer takes them for two, and yet their changes leave what they would
 * have left one by one. What is said of a twin holds for the same spelling, too, which is the test of the test.
 */
class TwinCoursesIT {
    private static final String TABLE = "completion_blockcompletion";
    private static final String ROWS = "SELECT user_id, course_key, block_key, completion FROM " + TABLE
            + " WHERE user_id < 100 ORDER BY user_id, created";
    private static final AtomicInteger LEARNERS = new AtomicInteger(100);

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void reset_ofATwinCourse_isOrderedWithItsWrites() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h")) {
            service.write(1, "cafe", "before", 0.5);
            service.flush();
            service.write(1, "cafe", "queued", 0.5);
            service.reset(1, "café");
            service.write(1, "cafe", "after", 0.5);
            service.write(2, "cafe", "another", 0.5);
            service.flush();

            assertThat(database.query(ROWS))
                    .containsExactly(List.of("1", "cafe", "after", "0.5"), List.of("2", "cafe", "another", "0.5"));
        }
    }

    /** The write waits behind its own course's reset in one flush, so the twin's must not be carried out in that. */
    @Test
    void reset_ofATwinCourse_undoesWhatWaitsBehindAnotherReset() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h", "buffer.retain=0s")) {
            service.reset(1, "cafe");
            service.write(1, "cafe", "block", 0.5);
            service.reset(1, "café");
            service.flush();
            assertThat(database.query(ROWS)).isEmpty();

            service.reset(1, "café");
            service.write(1, "cafe", "before", 0.5);
            service.reset(1, "cafè");
            service.write(1, "café", "after", 0.5);
            service.write(1, "cafe", "after", 0.75);
            service.flush();
            assertThat(database.query(ROWS)).containsExactly(List.of("1", "café", "after", "0.75"));
        }
    }

    /** What is locked waits, in flight, while others' changes are flushed: a twin course's must not pass it. */
    @Test
    void reset_ofATwinCourse_isOrderedWithWhatWaitsForALock() throws Exception {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=50ms", "buffer.retain=0s")) {
            service.write(1, "cafe", "locked", 0.5);
            service.write(1, "cafe", "same", 0.5);
            service.flush();
            try (Connection other = lock(1, "locked")) {
                service.write(1, "café", "locked", 0.75);
                passes(service);
                service.reset(1, "café");
                passes(service);
                service.write(1, "cafe", "same", 0.5);
                service.write(1, "cafe", "later", 0.5);
                passes(service);
                other.rollback();
            }
            service.flush();

            assertThat(database.query(ROWS))
                    .containsExactlyInAnyOrder(
                            List.of("1", "cafe", "same", "0.5"), List.of("1", "cafe", "later", "0.5"));
        }
    }

    @Test
    void reset_ofATwinCourse_undoesWhatWaitsForAnId() {
        String[] settings = {"flush.interval=50ms", "flush.max-backoff=2s", "buffer.retain=0s"};
        try (RunningService service = RunningService.start(database.uri(), settings)) {
            service.write(99, "course", "block", 0.125);
            service.flush();
            useUpIds();
            service.write(1, "cafe", "block", 1);
            await().until(() -> service.logged(Level.ERROR).stream().anyMatch(line -> line.contains("no id left")));
            service.reset(1, "café");
            service.write(99, "course", "block", 0.5);
            await().until(() -> database.query(ROWS).equals(List.of(List.of("99", "course", "block", "0.5"))));

            database.execute("ALTER TABLE " + TABLE + " MODIFY id BIGINT NOT NULL AUTO_INCREMENT");
            service.flush();
            assertThat(database.query(ROWS)).containsExactly(List.of("99", "course", "block", "0.5"));
            service.stop();
        }
    }

    /** It changes nothing, and would leave no trace of having been there. */
    @ParameterizedTest
    @ValueSource(strings = {"cafe", "café"})
    void write_ofATwin_doesNotPassOneThatWaitsForALock(String later) throws Exception {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms", "buffer.retain=0s")) {
            service.write(1, "cafe", "block", 0.5);
            service.flush();
            try (Connection other = lock(1, "block")) {
                service.write(1, "café", "block", 0.75);
                passes(service);
                other.rollback();
                service.write(1, later, "block", 0.5);
                passes(service);
            }
            service.flush();

            assertThat(database.query(ROWS)).containsExactly(List.of("1", "cafe", "block", "0.5"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cafe", "café"})
    void reset_ofATwinCourse_undoesDeadLetters(String reset) {
        String[] settings = {"flush.interval=1h", "buffer.retain=0s"};
        try (RunningService service = RunningService.start(database.uri(), settings)) {
            database.execute("ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET utf8mb3");
            service.write(1, "café", "block😀", 0.5);
            service.flush();
            assertThat(service.deadLetters()).hasSize(1);
            service.write(1, "café", "together😀", 0.5);
            service.write(2, "café", "another😀", 0.5);
            service.reset(1, reset);
            service.flush();

            assertThat(service.deadLetters()).singleElement().asString().contains("another");
        }
    }

    @Test
    void deadLetter_retriedOnceTheTableTakesIt_isStored() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h")) {
            database.execute("ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET utf8mb3");
            service.write(1, "café", "block😀", 0.5);
            service.flush();
            String id = service.deadLetters().get(0).getString("id");
            database.execute("ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET utf8mb4");

            assertThat(service.manage("POST", "/admin/dead-letters/" + id + "/retry")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(database.query(ROWS)).containsExactly(List.of("1", "café", "block😀", "0.5"));
        }
    }

    /** The journal has the reset still, behind which the row must not look as if it had been there before. */
    @ParameterizedTest
    @ValueSource(strings = {"cafe", "café"})
    void reset_ofATwinCourse_replayed_leavesWhatWasWrittenAfterIt(String reset) throws Exception {
        String journal = "journal.dir=" + TemporaryDirectory.create("journal");
        String[] settings = {"flush.interval=20ms", "buffer.retain=0s", "shutdown.drain-timeout=1s", journal};
        try (RunningService service = RunningService.start(database.uri(), settings)) {
            service.write(9, "course", "block", 0.5);
            service.flush();
            try (Connection other = lock(9, "block")) {
                service.write(9, "course", "block", 0.75);
                passes(service);
                service.manage("POST", "/admin/pause");
                writeInMemory(service, 1, "café", "block", 0.5);
                service.reset(1, reset);
                writeInMemory(service, 1, "café", "block", 0.5);
                service.manage("POST", "/admin/resume");
                await().until(() -> database.query(ROWS).contains(List.of("1", "café", "block", "0.5")));
                service.stop();
                other.rollback();
            }
        }
        try (RunningService service = RunningService.start(database.uri(), settings)) {
            service.flush();
            assertThat(database.query(ROWS))
                    .containsExactlyInAnyOrder(
                            List.of("1", "café", "block", "0.5"), List.of("9", "course", "block", "0.75"));
        }
    }

    /** It is written down when the service drains, and so behind the reset. */
    @ParameterizedTest
    @ValueSource(strings = {"cafe", "café"})
    void write_thatATwinCoursesResetUndid_staysAwayAfterARestart(String reset) throws Exception {
        String journal = "journal.dir=" + TemporaryDirectory.create("journal");
        String[] settings = {"flush.interval=1h", "buffer.retain=0s", "shutdown.drain-timeout=3s", journal};
        try (RunningService service = RunningService.start(database.uri(), settings)) {
            service.write(9, "course", "block", 0.5);
            service.flush();
            try (Connection other = lock(9, "block")) {
                writeInMemory(service, 1, "café", "block", 0.5);
                service.reset(1, reset);
                writeInMemory(service, 9, "course", "block", 0.75);
                service.stop();
                other.rollback();
            }
        }
        try (RunningService service = RunningService.start(database.uri(), settings)) {
            service.flush();
            assertThat(database.query(ROWS)).containsExactly(List.of("9", "course", "block", "0.75"));
        }
    }

    /** Each wait for a lock takes a second; a reset and a write that took turns with it would take all of them. */
    @Test
    void reset_ofATwinCourse_whileRowsAreLocked_leavesOthersTheirFlushes() throws Exception {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms", "buffer.retain=0s")) {
            service.write(1, "café", "block", 0.5);
            service.flush();
            try (Connection other = lock(1, "block")) {
                service.write(1, "café", "block", 0.75);
                passes(service);
                service.reset(1, "cafe");
                passes(service);
                int waits = 0;
                for (long end = System.nanoTime() + Duration.ofSeconds(5).toNanos(); System.nanoTime() < end; ) {
                    long start = System.nanoTime();
                    passes(service);
                    waits += System.nanoTime() - start > Duration.ofMillis(700).toNanos() ? 1 : 0;
                }
                assertThat(waits).isLessThanOrEqualTo(2);
                other.rollback();
            }
            service.flush();
            assertThat(database.query(ROWS)).isEmpty();
        }
    }

    /** More new rows wait for ids than are tried at a time: the reset must not wait until all are out at once. */
    @Test
    void reset_ofATwinCourse_isCarriedOutWithoutIds() {
        String[] settings = {"flush.interval=50ms", "flush.max-backoff=200ms", "flush.batch-size=1", "buffer.retain=0s"
        };
        try (RunningService service = RunningService.start(database.uri(), settings)) {
            service.write(1, "café", "old", 0.125);
            service.flush();
            useUpIds();
            service.write(1, "café", "new1", 1);
            service.write(1, "café", "new2", 1);
            service.write(1, "café", "new3", 1);
            await().until(() -> service.logged(Level.ERROR).stream().anyMatch(line -> line.contains("no id left")));
            service.reset(1, "cafe");

            await().until(() -> database.query(ROWS).isEmpty());
            await().until(() -> service.service().buffer().pendingKeys() == 0);
            service.stop();
        }
    }

    private void useUpIds() {
        database.execute(
                "ALTER TABLE " + TABLE + " MODIFY id SMALLINT NOT NULL AUTO_INCREMENT",
                "UPDATE " + TABLE + " SET id = 32767",
                "ALTER TABLE " + TABLE + " AUTO_INCREMENT = 32767");
    }

    /** Returns a transaction that holds the learner's row of that block, and nothing beside it. */
    private Connection lock(int learner, String block) throws SQLException {
        Connection other = database.connect();
        other.setAutoCommit(false);
        other.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        try (Statement statement = other.createStatement()) {
            statement.execute("SELECT * FROM " + TABLE + " WHERE user_id = " + learner + " AND block_key = '" + block
                    + "' FOR UPDATE");
        }
        return other;
    }

    /** Another learner's write, taken last, is in the table: a cycle has passed, whatever it had to leave. */
    private void passes(RunningService service) {
        int learner = LEARNERS.incrementAndGet();
        assertThat(service.post("?ack=database", Bodies.write(learner, "other", "block", 0.5))
                        .statusCode())
                .isEqualTo(200);
        database.execute("DELETE FROM " + TABLE + " WHERE user_id = " + learner);
    }

    private static void writeInMemory(RunningService service, int user, String course, String block, double value) {
        assertThat(service.post("?ack=memory", Bodies.write(user, course, block, value))
                        .statusCode())
                .isEqualTo(202);
    }
}
