package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rows that the database refuses for what they hold, and nothing else. */
class PoisonRowIT {
    private static final int POISON = 666;

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void flush_oneRowInAThousandIsRefused_storesTheOthersAndKeepsIt() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=200ms")) {
            poison();
            long start = System.nanoTime();
            assertThat(service.post("", batch(1_000)).statusCode()).isEqualTo(202);
            service.flush();
            long millis = (System.nanoTime() - start) / 1_000_000;

            assertThat(database.rows()).isEqualTo(999);
            JsonObject letter = letters(service).getJsonObject(0);
            assertThat(letters(service)).hasSize(1);
            assertThat(letter.getInteger("user_id")).isEqualTo(POISON);
            assertThat(letter.getString("block_key")).isEqualTo("b");
            assertThat(letter.getDouble("completion")).isEqualTo(0.5);
            assertThat(letter.getString("cause")).containsIgnoringCase("no_poison");
            assertThat(service.service().flushStats().deadLetters()).isEqualTo(1);
            assertThat(service.service().buffer().pendingKeys()).isZero();
            System.out.printf("1 poison row in 1,000: 999 stored and 1 dead letter after %d ms%n", millis);
        }
    }

    @Test
    void write_refusedWhileItsCallerWaits_isToldSo() {
        try (RunningService service = RunningService.start(database.uri())) {
            poison();
            HttpResponse<String> answer = service.post("?ack=database", Bodies.write(POISON, 0.5));
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.body()).contains("\"urn:completion-writebehind:refused-by-database\"");
            assertThat(service.post("?ack=database", Bodies.write(1, 0.5)).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void list_behindALetter_beginsWithTheNext() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms")) {
            poison();
            IntStream.range(0, 3).forEach(i -> service.post("", Bodies.write(POISON, "b" + i, 0.5)));
            service.flush();
            List<String> ids = service.deadLetters().stream()
                    .map(letter -> letter.getString("id"))
                    .toList();
            assertThat(ids).hasSize(3).isSorted();
            JsonArray behind = new JsonObject(service.manage("GET", "/admin/dead-letters?after=" + ids.get(1))
                            .body())
                    .getJsonArray("dead_letters");
            assertThat(behind).hasSize(1);
            assertThat(behind.getJsonObject(0).getString("id")).isEqualTo(ids.get(2));
            assertThat(service.manage("GET", "/admin/dead-letters?after=x").statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void retry_causeIsGone_storesItWithItsOwnTimes() {
        try (RunningService service = RunningService.start(database.uri())) {
            poison();
            service.post("", Bodies.write(POISON, 0.5));
            service.flush();
            JsonObject letter = letters(service).getJsonObject(0);
            String retry = "/admin/dead-letters/" + letter.getString("id") + "/retry";

            assertThat(service.manage("POST", retry).statusCode()).isEqualTo(409);
            assertThat(letters(service)).hasSize(1);

            database.execute("ALTER TABLE completion_blockcompletion DROP CONSTRAINT no_poison");
            assertThat(service.manage("POST", retry).statusCode()).isEqualTo(200);
            assertThat(letters(service)).isEmpty();
            assertThat(database.value("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', modified)"
                            + " FROM completion_blockcompletion"))
                    .isEqualTo(letter.getLong("received_micros").toString());
            assertThat(service.manage("POST", retry).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void retry_aNewerValueIsThere_leavesItAlone() {
        try (RunningService service = RunningService.start(database.uri())) {
            poison();
            service.post("", Bodies.write(POISON, 0.5));
            service.flush();
            String id = letters(service).getJsonObject(0).getString("id");
            database.execute("ALTER TABLE completion_blockcompletion DROP CONSTRAINT no_poison");
            service.post("?ack=database", Bodies.write(POISON, 0.5).replace("0.5", "0.75"));

            service.manage("POST", "/admin/dead-letters/" + id + "/retry");
            assertThat(database.value("SELECT completion FROM completion_blockcompletion"))
                    .isEqualTo("0.75");
        }
    }

    @Test
    void remove_deadLetter_forgetsIt() {
        try (RunningService service = RunningService.start(database.uri())) {
            poison();
            service.post("", Bodies.write(POISON, 0.5));
            service.flush();
            String path =
                    "/admin/dead-letters/" + letters(service).getJsonObject(0).getString("id");
            assertThat(service.manage("DELETE", path).statusCode()).isEqualTo(200);
            assertThat(service.manage("DELETE", path).statusCode()).isEqualTo(404);
            assertThat(service.manage("DELETE", "/admin/dead-letters/..%2Flock").statusCode())
                    .isEqualTo(404);
            assertThat(letters(service)).isEmpty();
        }
    }

    private void poison() {
        database.execute(
                "ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (user_id <> " + POISON + ")");
    }

    private static JsonArray letters(RunningService service) {
        return new JsonObject(service.manage("GET", "/admin/dead-letters").body()).getJsonArray("dead_letters");
    }

    private static String batch(int users) {
        return Bodies.array(IntStream.rangeClosed(1, users).mapToObj(user -> Bodies.write(user, 0.5)));
    }
}
