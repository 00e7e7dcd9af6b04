package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dead letters of two instances on one log: the same on both, whichever of them flushes, and however one ends. */
class SharedLogDeadLettersIT {
    private static final String COURSE = "course-v1:O+C+R";
    private static final String TABLE = "completion_blockcompletion";
    private static final int POISON = 66;

    private final String topic = "letters-" + UUID.randomUUID();
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
    void buried_isListedByBoth_andRetriedByEither_andReadFromBothAtOnce() {
        try (RunningService one = start();
                RunningService other = start()) {
            poison();
            bury(one, "b0");
            bury(other, "b1");
            List<String> ids = ids(one);
            assertThat(ids).hasSize(2).isEqualTo(ids(other));
            for (RunningService each : List.of(one, other)) {
                HttpResponse<String> refused = each.manage("POST", retry(ids.get(0)));
                assertThat(refused.statusCode()).isEqualTo(409);
                assertThat(refused.body()).contains("no_poison");
                assertThat(values(each)).isEmpty(); // and read: what is known of the table is out of date soon
            }
            assertThat(ids(one)).isEqualTo(ids);

            database.execute("ALTER TABLE " + TABLE + " DROP CONSTRAINT no_poison");
            assertThat(one.manage("POST", retry(ids.get(0))).statusCode()).isEqualTo(200);
            assertThat(values(other)).isEqualTo(values(one)).isEqualTo(Map.of("b0", 0.5));
            assertThat(other.manage("POST", retry(ids.get(1))).statusCode()).isEqualTo(200);
            assertThat(values(one)).isEqualTo(values(other)).isEqualTo(Map.of("b0", 0.5, "b1", 0.5));
            assertThat(ids(one)).isEqualTo(ids(other)).isEmpty();
            assertThat(other.manage("POST", retry(ids.get(1))).statusCode()).isEqualTo(404);
            assertThat(one.manage("POST", retry("9999999999999999999")).statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void removed_onEither_isGoneOnBoth() {
        try (RunningService one = start();
                RunningService other = start()) {
            poison();
            bury(one, "b0");
            bury(one, "b1");
            List<String> ids = ids(other);
            assertThat(one.manage("DELETE", "/admin/dead-letters/" + ids.get(0)).statusCode())
                    .isEqualTo(200);
            assertThat(ids(other)).containsExactly(ids.get(1));
            assertThat(other.manage("DELETE", "/admin/dead-letters/" + ids.get(1))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(other.manage("DELETE", "/admin/dead-letters/" + ids.get(1))
                            .statusCode())
                    .isEqualTo(404);
            assertThat(ids(one)).isEmpty();
        }
    }

    /** The letters of a course that the table holds for the same go too, and those of others stay. */
    @Test
    void reset_ofTheirCourse_dropsThemForGood() {
        try (RunningService one = start();
                RunningService other = start()) {
            poison();
            bury(one, "b0");
            bury(other, "CAF\u00c9", "b1");
            bury(other, "another", "b2");
            assertThat(ids(one)).hasSize(3);
            other.reset(POISON, "caf\u00e9");
            one.reset(POISON, COURSE);
            one.flush();
            assertThat(letters(one))
                    .extracting(letter -> letter.getString("block_key"))
                    .containsExactly("b2");
            bury(one, "b3");
            assertThat(letters(other))
                    .extracting(letter -> letter.getString("block_key"))
                    .containsExactly("b2", "b3");
        }
    }

    @Test
    void instances_lostOneAfterTheOther_leaveThemToTheNext_whichRetries() {
        String id;
        try (RunningService one = start()) {
            poison();
            bury(one, "b0");
            id = ids(one).get(0);
            one.stop();
        }
        try (RunningService next = start()) {
            assertThat(ids(next)).containsExactly(id);
            database.execute("ALTER TABLE " + TABLE + " DROP CONSTRAINT no_poison");
            next.flush();
            assertThat(next.manage("POST", retry(id)).statusCode()).isEqualTo(200);
            assertThat(values(next)).isEqualTo(Map.of("b0", 0.5));
        }
    }

    private void poison() {
        database.execute("ALTER TABLE " + TABLE + " ADD CONSTRAINT no_poison CHECK (user_id <> " + POISON + ")");
    }

    private static void bury(RunningService taking, String block) {
        bury(taking, COURSE, block);
    }

    private static void bury(RunningService taking, String course, String block) {
        assertThat(taking.post("?ack=database", Bodies.write(POISON, course, block, 0.5))
                        .statusCode())
                .isEqualTo(422);
    }

    private static String retry(String id) {
        return "/admin/dead-letters/" + id + "/retry";
    }

    private RunningService start() {
        return RunningService.start(
                database.uri(),
                "journal.kind=kafka",
                "journal.kafka.bootstrap-servers=" + KafkaCluster.shared().bootstrapServers(),
                "journal.kafka.topic=" + topic,
                "flush.interval=100ms");
    }

    private static List<JsonObject> letters(RunningService service) {
        return service.deadLetters();
    }

    private static List<String> ids(RunningService service) {
        return letters(service).stream().map(letter -> letter.getString("id")).toList();
    }

    private static Map<String, Double> values(RunningService service) {
        return service.read(POISON, COURSE.replace("+", "%2B")).getJsonArray("completions").stream()
                .map(JsonObject.class::cast)
                .collect(Collectors.toMap(row -> row.getString("block_key"), row -> row.getDouble("completion")));
    }
}
