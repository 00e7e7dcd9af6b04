package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two instances on one log: what the one takes, the other shows, and one of them brings into the table. */
class SharedLogIT {
    private static final String COURSE = "course-v1:O+C+R";
    private static final String TABLE = "completion_blockcompletion";

    private static final String OPEN_TRANSACTIONS = "SELECT COUNT(*) FROM information_schema.INNODB_TRX t JOIN"
            + " information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id WHERE p.DB = DATABASE()";

    private final String topic = "shared-" + UUID.randomUUID();
    private final TestDatabase database = TestDatabase.create();

    @BeforeEach
    void createTopic() {
        KafkaCluster.shared().createTopic(topic);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void writes_takenByEither_areReadFromBothAtOnce_andComeIntoTheTable() {
        try (RunningService one = start();
                RunningService other = start()) {
            for (int i = 0; i < 20; i++) {
                RunningService taking = i % 2 == 0 ? one : other;
                RunningService reading = i % 2 == 0 ? other : one;
                taking.write(1, COURSE, "b" + i % 3, i / 20.0);
                assertThat(values(reading)).containsEntry("b" + i % 3, i / 20.0);
            }
            assertThat(one.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            assertThat(rows()).containsExactlyInAnyOrder("b0 0.9", "b1 0.95", "b2 0.85");
            assertThat(values(one)).isEqualTo(values(other)).isEqualTo(Map.of("b0", 0.9, "b1", 0.95, "b2", 0.85));

            one.reset(1, COURSE);
            assertThat(values(other)).isEmpty();
            other.write(1, COURSE, "b7", 1);
            assertThat(values(one)).isEqualTo(Map.of("b7", 1.0));
            assertThat(other.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            assertThat(rows()).containsExactly("b7 1");
            awaitNothingPending(one, other);
        }
    }

    @Test
    void ackDatabase_ofEither_findsTheRow_orSaysThatTheTableRefusesIt() {
        try (RunningService one = start();
                RunningService other = start()) {
            database.execute("ALTER TABLE " + TABLE + " ADD CONSTRAINT no_poison CHECK (user_id <> 66)");
            for (RunningService taking : List.of(one, other, one, other)) {
                String block = "b" + UUID.randomUUID();
                assertThat(taking.post("?ack=database", Bodies.write(1, COURSE, block, 0.5))
                                .statusCode())
                        .isEqualTo(200);
                assertThat(rows()).contains(block + " 0.5");
                assertThat(taking.post("?ack=database", Bodies.write(66, COURSE, block, 0.5))
                                .statusCode())
                        .isEqualTo(422);
                HttpRequest.Builder reset = HttpRequest.newBuilder(
                                taking.uri("/v1/users/1/completions?ack=database&course_key=course-v1:O%2BC%2BR"))
                        .DELETE();
                assertThat(taking.send(reset).statusCode()).isEqualTo(200);
                assertThat(rows()).isEmpty();
            }
            awaitNothingPending(one, other);
        }
    }

    @Test
    void flushing_isPausedOnAll_andGoesOnOnAll() {
        try (RunningService one = start();
                RunningService other = start()) {
            assertThat(one.manage("POST", "/admin/pause").statusCode()).isEqualTo(200);
            Awaitility.await("the other's pause")
                    .until(() -> other.manage("POST", "/admin/flush").statusCode() != 200);
            one.write(1, COURSE, "b", 0.5);
            other.write(2, COURSE, "b", 0.5);
            assertThat(one.manage("POST", "/admin/flush").statusCode()).isNotEqualTo(200);
            assertThat(rows()).isEmpty();

            assertThat(other.manage("POST", "/admin/resume").statusCode()).isEqualTo(200);
            assertThat(one.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            assertThat(rows()).hasSize(2);
        }
    }

    @Test
    void pause_byTheOneThatFollows_isAnsweredOnceTheOneThatFlushesIsAtRest() throws Exception {
        try (RunningService one = start();
                RunningService other = start();
                Connection holder = database.connect();
                Statement statement = holder.createStatement()) {
            Awaitility.await("one that flushes").until(() -> flushes(one) || flushes(other));
            RunningService asked = flushes(one) ? other : one;
            asked.write(1, COURSE, "b", 0.25);
            asked.flush();
            holder.setAutoCommit(false);
            statement.execute("SELECT * FROM " + TABLE + " FOR UPDATE");
            asked.write(1, COURSE, "b", 0.5);
            Awaitility.await("a flush that waits for the row")
                    .until(() -> database.value(OPEN_TRANSACTIONS), "2"::equals);
            CompletableFuture<HttpResponse<String>> paused =
                    CompletableFuture.supplyAsync(() -> asked.manage("POST", "/admin/pause"));
            Awaitility.await("the word on both").until(() -> isPaused(one) && isPaused(other));
            assertThat(paused).isNotDone();
            assertThat(rowsOnceAnswered(holder, paused)).containsExactly("b 0.5");

            assertThat(asked.manage("POST", "/admin/pause").statusCode()).isEqualTo(200);
            assertThat(other.manage("POST", "/admin/resume").statusCode()).isEqualTo(200);
            assertThat(asked.manage("POST", "/admin/pause").statusCode()).isEqualTo(200);
            one.write(1, COURSE, "c", 0.5);
            assertThat(other.manage("POST", "/admin/resume").statusCode()).isEqualTo(200);
            one.flush();
            assertThat(rows()).containsExactlyInAnyOrder("b 0.5", "c 0.5");
        }
    }

    private List<String> rowsOnceAnswered(Connection holder, CompletableFuture<HttpResponse<String>> paused)
            throws SQLException {
        holder.rollback();
        assertThat(paused.join().statusCode()).isEqualTo(200);
        return rows();
    }

    private static boolean flushes(RunningService service) {
        return status(service).getJsonObject("sharing").getString("part").equals("flushes");
    }

    private static boolean isPaused(RunningService service) {
        return status(service).getJsonObject("flushing").getBoolean("paused");
    }

    private static JsonObject status(RunningService service) {
        return new JsonObject(service.manage("GET", "/admin/status").body());
    }

    @Test
    void eitherOne_stopped_isReplaced_andAnotherBeginsWhereTheyAre() {
        RunningService one = start();
        try (RunningService other = start()) {
            one.write(1, COURSE, "b", 0.25);
            one.flush();
            one.write(1, COURSE, "b", 0.5);
            one.stop();
            other.flush();
            assertThat(rows()).containsExactly("b 0.5");
            other.write(1, COURSE, "c", 0.5);
            try (RunningService third = start()) {
                assertThat(values(third)).isEqualTo(Map.of("b", 0.5, "c", 0.5));
                other.stop();
                third.flush();
                assertThat(rows()).containsExactlyInAnyOrder("b 0.5", "c 0.5");
                awaitNothingPending(third);
            }
        }
    }

    /** A key that is written all the time is one in the buffer, and as many in the log as there are writes. */
    @Test
    @ShowsEffectOf("journal.kafka.max-log")
    void log_thatHoldsMoreThanItsBound_takesNothing_untilTheTableHasIt() {
        try (RunningService service = start("journal.kafka.max-log=1000")) {
            assertThat(service.manage("POST", "/admin/pause").statusCode()).isEqualTo(200);
            HttpResponse<String> answer;
            int writes = 0;
            do {
                answer = service.post("?ack=journal", Bodies.write(1, COURSE, "b", writes / 2_000.0));
            } while (answer.statusCode() == 202 && ++writes < 1_100);
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("journal-behind", "journal.kafka.max-log");
            assertThat(service.service().buffer().pendingKeys()).isEqualTo(1);

            assertThat(service.manage("POST", "/admin/resume").statusCode()).isEqualTo(200);
            Awaitility.await("room")
                    .until(() -> service.post("?ack=journal", Bodies.write(1, COURSE, "b", 1))
                                    .statusCode()
                            == 202);
        }
    }

    private void awaitNothingPending(RunningService... services) {
        for (RunningService service : services) {
            Awaitility.await("nothing pending")
                    .until(() -> service.service().buffer().pendingKeys() == 0);
        }
        Awaitility.await("no open transaction").until(() -> database.value(OPEN_TRANSACTIONS), "0"::equals);
    }

    private RunningService start(String... further) {
        List<String> settings = new ArrayList<>(List.of(
                "journal.kind=kafka",
                "journal.kafka.bootstrap-servers=" + KafkaCluster.shared().bootstrapServers(),
                "journal.kafka.topic=" + topic,
                "flush.interval=100ms"));
        settings.addAll(List.of(further));
        return RunningService.start(database.uri(), settings.toArray(String[]::new));
    }

    private static Map<String, Double> values(RunningService service) {
        return service.read(1, COURSE.replace("+", "%2B")).getJsonArray("completions").stream()
                .map(JsonObject.class::cast)
                .collect(java.util.stream.Collectors.toMap(
                        row -> row.getString("block_key"), row -> row.getDouble("completion")));
    }

    private List<String> rows() {
        return database.query("SELECT CONCAT(block_key, ' ', completion) FROM " + TABLE).stream()
                .map(row -> row.get(0))
                .toList();
    }
}
