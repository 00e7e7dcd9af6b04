package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
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
            write(service, 1, "cafe", "before", 0.5);
            service.flush();
            write(service, 1, "cafe", "queued", 0.5);
            reset(service, 1, "café");
            write(service, 1, "cafe", "after", 0.5);
            write(service, 2, "cafe", "another", 0.5);
            service.flush();

            assertThat(database.query(ROWS))
                    .containsExactly(List.of("1", "cafe", "after", "0.5"), List.of("2", "cafe", "another", "0.5"));
        }
    }

    /** The write waits behind its own course's reset in one flush, so the twin's must not be carried out in that. */
    @Test
    void reset_ofATwinCourse_undoesWhatWaitsBehindAnotherReset() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h", "buffer.retain=0s")) {
            reset(service, 1, "cafe");
            write(service, 1, "cafe", "block", 0.5);
            reset(service, 1, "café");
            service.flush();
            assertThat(database.query(ROWS)).isEmpty();

            reset(service, 1, "café");
            write(service, 1, "cafe", "before", 0.5);
            reset(service, 1, "cafè");
            write(service, 1, "café", "after", 0.5);
            write(service, 1, "cafe", "after", 0.75);
            service.flush();
            assertThat(database.query(ROWS)).containsExactly(List.of("1", "café", "after", "0.75"));
        }
    }

    /** What is locked waits, in flight, while others' changes are flushed: a twin course's must not pass it. */
    @Test
    void reset_ofATwinCourse_isOrderedWithWhatWaitsForALock() throws Exception {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=50ms", "buffer.retain=0s")) {
            write(service, 1, "cafe", "locked", 0.5);
            write(service, 1, "cafe", "same", 0.5);
            service.flush();
            try (Connection other = lock(1, "locked")) {
                write(service, 1, "café", "locked", 0.75);
                passes(service);
                reset(service, 1, "café");
                passes(service);
                write(service, 1, "cafe", "same", 0.5);
                write(service, 1, "cafe", "later", 0.5);
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
            write(service, 99, "course", "block", 0.125);
            service.flush();
            database.execute("ALTER TABLE " + TABLE + " MODIFY id SMALLINT NOT NULL AUTO_INCREMENT");
            database.execute("UPDATE " + TABLE + " SET id = 32767", "ALTER TABLE " + TABLE + " AUTO_INCREMENT = 32767");
            write(service, 1, "cafe", "block", 1);
            await().until(() -> service.logged(Level.ERROR).stream().anyMatch(line -> line.contains("no id left")));
            reset(service, 1, "café");
            write(service, 99, "course", "block", 0.5);
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
            write(service, 1, "cafe", "block", 0.5);
            service.flush();
            try (Connection other = lock(1, "block")) {
                write(service, 1, "café", "block", 0.75);
                passes(service);
                other.rollback();
                write(service, 1, later, "block", 0.5);
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
            write(service, 1, "café", "block😀", 0.5);
            service.flush();
            assertThat(letters(service)).hasSize(1);
            write(service, 1, "café", "together😀", 0.5);
            write(service, 2, "café", "another😀", 0.5);
            reset(service, 1, reset);
            service.flush();

            assertThat(letters(service)).singleElement().asString().contains("another");
        }
    }

    @Test
    void deadLetter_retriedOnceTheTableTakesIt_isStored() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h")) {
            database.execute("ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET utf8mb3");
            write(service, 1, "café", "block😀", 0.5);
            service.flush();
            String id = letters(service).get(0).getString("id");
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
            write(service, 9, "course", "block", 0.5);
            service.flush();
            try (Connection other = lock(9, "block")) {
                write(service, 9, "course", "block", 0.75);
                passes(service);
                service.manage("POST", "/admin/pause");
                writeInMemory(service, 1, "café", "block", 0.5);
                reset(service, 1, reset);
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
            write(service, 9, "course", "block", 0.5);
            service.flush();
            try (Connection other = lock(9, "block")) {
                writeInMemory(service, 1, "café", "block", 0.5);
                reset(service, 1, reset);
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
            write(service, 1, "café", "block", 0.5);
            service.flush();
            try (Connection other = lock(1, "block")) {
                write(service, 1, "café", "block", 0.75);
                passes(service);
                reset(service, 1, "cafe");
                passes(service);
                int waits = 0;
                for (long end = System.nanoTime() + Duration.ofSeconds(8).toNanos(); System.nanoTime() < end; ) {
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
            write(service, 1, "café", "old", 0.125);
            service.flush();
            useUpIds();
            write(service, 1, "café", "new1", 1);
            write(service, 1, "café", "new2", 1);
            write(service, 1, "café", "new3", 1);
            await().until(() -> service.logged(Level.ERROR).stream().anyMatch(line -> line.contains("no id left")));
            reset(service, 1, "cafe");

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

    private static void write(RunningService service, int user, String course, String block, double value) {
        assertThat(service.post("", Bodies.write(user, course, block, value)).statusCode())
                .isEqualTo(202);
    }

    private static void writeInMemory(RunningService service, int user, String course, String block, double value) {
        assertThat(service.post("?ack=memory", Bodies.write(user, course, block, value))
                        .statusCode())
                .isEqualTo(202);
    }

    private static int reset(RunningService service, int user, String course) {
        return service.send(HttpRequest.newBuilder(
                                service.uri("/v1/users/" + user + "/completions?course_key=" + encoded(course)))
                        .DELETE())
                .statusCode();
    }

    private static List<JsonObject> letters(RunningService service) {
        return objects(
                new JsonObject(service.manage("GET", "/admin/dead-letters").body()).getJsonArray("dead_letters"));
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
