package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A learner begins a course anew while writes are on their way. */
class ResetIT {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final AtomicInteger USERS = new AtomicInteger();

    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.with("flush.interval=1h");
    /** Only a call flushes. */
    private final TestDatabase database = suite.database();

    private final RunningService service = suite.service();

    private final int user = USERS.addAndGet(10);

    @Test
    void reset_rowsInTheTable_deletesThoseOfTheLearnerInTheCourseAlone() {
        write(user, COURSE, "a", 0.5);
        write(user, COURSE, "b", 0.5);
        write(user, "course-v1:Org+Other+Run", "a", 0.5);
        write(user + 1, COURSE, "a", 0.5);
        service.flush();

        HttpResponse<String> answer = reset(user, COURSE, "");
        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(new JsonObject(answer.body()))
                .isEqualTo(new JsonObject().put("accepted", 1).put("ack", "journal"));
        service.flush();

        assertThat(rows(user, COURSE)).isEmpty();
        assertThat(rows(user, "course-v1:Org+Other+Run")).containsOnlyKeys("a");
        assertThat(rows(user + 1, COURSE)).containsOnlyKeys("a");
    }

    @Test
    void reset_betweenWrites_undoesThoseBeforeAndLeavesThoseAfter() {
        write(user, COURSE, "a", 0.25);
        service.flush();
        write(user, COURSE, "a", 0.5);
        write(user, COURSE, "b", 0.5);
        reset(user, COURSE, "");
        write(user, COURSE, "a", 0.75);
        service.flush();

        assertThat(rows(user, COURSE)).isEqualTo(Map.of("a", 0.75));
        assertThat(database.value("SELECT created = modified FROM completion_blockcompletion WHERE user_id = " + user))
                .as("the row is a new one")
                .isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void read_whileAResetWaits_showsWhatCameAfterItAlone(boolean rowsRemembered) {
        write(user, COURSE, "a", 0.25);
        service.flush();
        if (rowsRemembered) {
            assertThat(read(user)).isEqualTo(Map.of("a", 0.25));
        }
        write(user, COURSE, "b", 0.25);
        reset(user, COURSE, "");
        assertThat(read(user)).isEmpty();
        write(user, COURSE, "c", 0.5);
        assertThat(read(user)).isEqualTo(Map.of("c", 0.5));
        service.flush();
        assertThat(read(user)).isEqualTo(Map.of("c", 0.5));
    }

    /** As the LMS sends it that could not reach the service; by the clock of the rows. */
    @Test
    void reset_sentLate_leavesWhatCameAfterItsMoment_inTheTableAndOnItsWay() {
        write(user, COURSE, "a", 0.25);
        write(user, COURSE, "b", 0.25);
        service.flush();
        String moment = Instant.now().plusMillis(1).toString();
        await().until(() -> Instant.now().isAfter(Instant.parse(moment)));
        write(user, COURSE, "b", 0.5);
        service.flush();
        write(user, COURSE, "a", 0.25);
        write(user, COURSE, "c", 0.5);
        reset(user, COURSE, "&before=" + moment);
        Map<String, Double> left = Map.of("a", 0.25, "b", 0.5, "c", 0.5);
        assertThat(read(user)).isEqualTo(left);
        service.flush();
        assertThat(rows(user, COURSE)).isEqualTo(left);

        reset(user, COURSE, "&before=" + moment);
        service.flush();
        assertThat(rows(user, COURSE)).as("sent again").isEqualTo(left);
        reset(user, COURSE, "&before=9999-12-31T23:59:59%2B00:00");
        write(user, COURSE, "d", 0.5);
        service.flush();
        assertThat(rows(user, COURSE)).as("no moment is later than now").isEqualTo(Map.of("d", 0.5));
    }

    @Test
    void reset_acknowledgedByTheDatabase_answersWhenTheRowsAreGone() {
        write(user, COURSE, "a", 0.25);
        try (RunningService prompt = RunningService.start(database.uri())) {
            HttpResponse<String> answer = prompt.send(HttpRequest.newBuilder(
                            prompt.uri("/v1/users/" + user + "/completions?ack=database&course_key=" + COURSE))
                    .DELETE());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(new JsonObject(answer.body()).getString("ack")).isEqualTo("database");
            assertThat(rows(user, COURSE)).isEmpty();
        }
        reset(user, COURSE, "");
    }

    @Test
    void reset_acknowledgementInMemory_isKeptInTheJournalAllTheSame() {
        assertThat(new JsonObject(reset(user, COURSE, "&ack=memory").body()).getString("ack"))
                .isEqualTo("journal");
    }

    @ParameterizedTest
    @CsvSource({
        "0, course_key=c, user_id",
        "x, course_key=c, user_id",
        "1, a=b, course_key",
        "1, course_key=, course_key",
        "1, course_key=c&block_key=b, block_key",
        "1, course_key=c&ack=soon, ack",
        "1, course_key=c&before=yesterday, before",
        "1, course_key=c&before=2026-11-26, before",
        "1, course_key=c&before=+12026-11-26T20:35:12Z, before",
    })
    void reset_wrongInput_isRefusedWithItsName(String userId, String query, String field) {
        HttpResponse<String> answer =
                service.send(HttpRequest.newBuilder(service.uri("/v1/users/" + userId + "/completions?" + query))
                        .DELETE());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(answer.body())
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("field"))
                .isEqualTo(field);
    }

    @Test
    void learnerPath_otherMethod_isToldWhichOnesItTakes() {
        HttpResponse<String> answer = service.send(HttpRequest.newBuilder(service.uri("/v1/users/1/completions"))
                .PUT(HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).contains("GET, DELETE");
    }

    @Test
    void reset_rowChangedByAnotherWriterAfterIt_leavesThatRow() {
        write(user, COURSE, "a", 0.25);
        write(user, COURSE, "b", 0.25);
        service.flush();
        reset(user, COURSE, "");
        database.execute(
                "UPDATE completion_blockcompletion SET completion = 1, modified = UTC_TIMESTAMP(6) + INTERVAL 1 SECOND"
                        + " WHERE user_id = " + user + " AND block_key = 'b'");
        service.flush();
        assertThat(rows(user, COURSE)).isEqualTo(Map.of("b", 1.0));
    }

    @Test
    void reset_manyLearners_allAreCarriedOut() {
        try (TestDatabase own = TestDatabase.create();
                RunningService many = RunningService.start(own.uri(), "flush.interval=1h")) {
            int learners = 500;
            for (int learner = 1; learner <= learners; learner++) {
                write(many, learner, COURSE, "a", 0.5);
            }
            many.flush();
            for (int learner = 1; learner < learners; learner++) {
                reset(many, learner, COURSE, "");
            }
            many.flush();
            assertThat(own.query("SELECT user_id FROM completion_blockcompletion"))
                    .containsExactly(List.of(Integer.toString(learners)));
            assertThat(many.service().flushStats().resets()).isEqualTo(learners - 1);
            assertThat(many.service().flushStats().rowsDeleted()).isEqualTo(learners - 1);
        }
    }

    @Test
    void reset_deadLetterFromBeforeIt_isUndoneToo() {
        try (TestDatabase own = TestDatabase.create();
                RunningService picky = RunningService.start(own.uri(), "flush.interval=1h")) {
            own.execute("ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (completion <> 0.125)");
            write(picky, 1, COURSE, "poison", 0.125);
            write(picky, 2, COURSE, "poison", 0.125);
            picky.flush();
            reset(picky, 1, COURSE, "");
            picky.flush();

            JsonArray letters =
                    new JsonObject(picky.manage("GET", "/admin/dead-letters").body()).getJsonArray("dead_letters");
            assertThat(letters).hasSize(1);
            assertThat(letters.getJsonObject(0).getInteger("user_id")).isEqualTo(2);
        }
    }

    @Test
    void reset_refusedByTheDatabase_isADeadLetterAndLaterWritesGoOn() {
        try (TestDatabase own = TestDatabase.create();
                RunningService picky = RunningService.start(own.uri(), "flush.interval=1h")) {
            write(picky, 1, COURSE, "a", 0.25);
            write(picky, 2, COURSE, "a", 0.25);
            picky.flush();
            own.execute("CREATE TRIGGER keep_it BEFORE DELETE ON completion_blockcompletion FOR EACH ROW"
                    + " BEGIN IF OLD.user_id = 1 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'kept'; END IF; END");
            reset(picky, 1, COURSE, "");
            reset(picky, 2, COURSE, "");
            write(picky, 1, COURSE, "b", 0.5);
            picky.flush();

            assertThat(rows(own, 1, COURSE)).isEqualTo(Map.of("a", 0.25, "b", 0.5));
            assertThat(rows(own, 2, COURSE)).isEmpty();
            JsonObject letter = new JsonObject(
                            picky.manage("GET", "/admin/dead-letters").body())
                    .getJsonArray("dead_letters")
                    .getJsonObject(0);
            assertThat(letter.getString("kind")).isEqualTo("reset");

            own.execute("DROP TRIGGER keep_it");
            assertThat(picky.manage("POST", "/admin/dead-letters/" + letter.getString("id") + "/retry")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(rows(own, 1, COURSE))
                    .as("what came after the reset stands")
                    .isEqualTo(Map.of("b", 0.5));
        }
    }

    /** One learner after the other, so that what must be there is known; flushes and reads come in between. */
    @Test
    void anyMixOfWritesAndResets_leavesWhatDirectWritesWouldHave() {
        Random random = new Random(3);
        Map<String, Map<String, Double>> expected = new TreeMap<>();
        for (int i = 0; i < 600; i++) {
            int learner = user + random.nextInt(3);
            String course = random.nextBoolean() ? COURSE : "course-v1:Org+Other+Run";
            Map<String, Double> rows = expected.computeIfAbsent(learner + " " + course, key -> new TreeMap<>());
            switch (random.nextInt(8)) {
                case 0 -> {
                    reset(learner, course, "");
                    rows.clear();
                }
                case 1 -> service.flush();
                case 2 -> assertThat(read(learner, course)).isEqualTo(rows);
                default -> {
                    String block = "b" + random.nextInt(4);
                    double value = random.nextInt(5) / 4.0;
                    write(learner, course, block, value);
                    rows.put(block, value);
                }
            }
        }
        service.flush();
        expected.forEach((key, rows) -> {
            String[] parts = key.split(" ", 2);
            assertThat(rows(Integer.parseInt(parts[0]), parts[1])).as(key).isEqualTo(rows);
        });
    }

    private void write(int userId, String course, String block, double value) {
        write(service, userId, course, block, value);
    }

    private static void write(RunningService to, int userId, String course, String block, double value) {
        HttpResponse<String> answer = to.post("", Bodies.write(userId, course, block, value));
        assertThat(answer.statusCode()).isEqualTo(202);
    }

    private HttpResponse<String> reset(int userId, String course, String query) {
        return reset(service, userId, course, query);
    }

    private static HttpResponse<String> reset(RunningService to, int userId, String course, String query) {
        HttpResponse<String> answer = to.send(
                HttpRequest.newBuilder(to.uri("/v1/users/" + userId + "/completions?course_key=" + course + query))
                        .DELETE());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return answer;
    }

    private Map<String, Double> read(int userId) {
        return read(userId, COURSE);
    }

    private Map<String, Double> read(int userId, String course) {
        Map<String, Double> found = new TreeMap<>();
        for (Object each : service.read(userId, course).getJsonArray("completions")) {
            JsonObject row = (JsonObject) each;
            found.put(row.getString("block_key"), row.getDouble("completion"));
        }
        return found;
    }

    private Map<String, Double> rows(int userId, String course) {
        return rows(database, userId, course);
    }

    private static Map<String, Double> rows(TestDatabase from, int userId, String course) {
        Map<String, Double> found = new TreeMap<>();
        for (List<String> row : from.query("SELECT block_key, completion FROM completion_blockcompletion"
                + " WHERE user_id = " + userId + " AND course_key = '" + course + "'")) {
            found.put(row.get(0), Double.parseDouble(row.get(1)));
        }
        return found;
    }
}
