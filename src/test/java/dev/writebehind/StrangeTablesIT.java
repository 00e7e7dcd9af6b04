package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables as other sites have them, and as they become while the service runs: no row is wrong, nothing stops. */
class StrangeTablesIT {
    private static final String TABLE = "completion_blockcompletion";
    private static final String ROWS =
            "SELECT user_id, course_key, block_key, completion FROM " + TABLE + " ORDER BY user_id, created";

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @ParameterizedTest
    @CsvSource({
        "latin1_swedish_ci, 😀",
        "latin1_swedish_ci, курс",
        "utf8mb3_general_ci, 😀",
        "utf8mb3_unicode_ci, 😀",
        "cp1251_general_ci, é",
        "ascii_general_ci, é",
    })
    void write_whatTheColumnsCantHold_aloneIsADeadLetterWithItsCause(String collation, String foreign) {
        String charset = collation.substring(0, collation.indexOf('_'));
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h", "buffer.retain=0s")) {
            convert(collation);
            service.write(1, "course", "block", 0.5);
            service.write(2, "course" + foreign, "block", 0.5);
            service.write(2, "course?", "block", 0.25);
            service.write(3, "course", "block" + foreign, 0.5);
            service.flush();

            assertThat(database.query(ROWS))
                    .containsExactly(List.of("1", "course", "block", "0.5"), List.of("2", "course?", "block", "0.25"));
            List<JsonObject> letters = service.deadLetters();
            assertThat(letters)
                    .hasSize(2)
                    .allSatisfy(letter -> assertThat(letter.getString("cause"))
                            .contains("has the character set " + charset)
                            .contains("convert the table to utf8mb4"));
            assertThat(read(service, 2, "course" + foreign)).isEmpty();
            assertThat(read(service, 2, "course?")).hasSize(1);

            service.reset(2, "course" + foreign);
            service.flush();
            assertThat(read(service, 2, "course?")).as("another course").hasSize(1);
        }
    }

    @Test
    void write_tableTakesMoreCharactersByNow_isStored() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h")) {
            convert("utf8mb3_general_ci");
            service.write(1, "course", "block", 0.5);
            service.flush();
            convert("utf8mb4_unicode_ci");
            service.write(1, "course", "block😀", 0.5);
            service.flush();

            assertThat(service.deadLetters()).isEmpty();
            assertThat(database.query(ROWS)).hasSize(2).contains(List.of("1", "course", "block😀", "0.5"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf8mb4_general_ci", "utf8mb3_unicode_ci", "latin1_swedish_ci"})
    void flush_tableConvertedMeanwhile_goesOn(String collation) {
        // Sooner than a session without use would end by itself.
        String retries = "flush.max-backoff=100ms";
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=50ms", retries)) {
            service.write(1, "course", "block", 0.5);
            service.flush();
            convert(collation);
            service.write(1, "course", "block", 0.75);
            service.write(2, "course", "block", 0.75);
            service.flush();
            database.execute(
                    "CREATE TABLE other LIKE " + TABLE,
                    "ALTER TABLE other MODIFY user_id INT NOT NULL FIRST, CONVERT TO CHARACTER SET utf8mb4"
                            + " COLLATE utf8mb4_unicode_ci",
                    "INSERT INTO other (id, user_id, course_key, block_key, block_type, completion, created, modified)"
                            + " SELECT id, user_id, course_key, block_key, block_type, completion, created, modified"
                            + " FROM " + TABLE,
                    "RENAME TABLE " + TABLE + " TO gone, other TO " + TABLE);
            service.write(1, "course", "block", 1);
            service.write(3, "course", "block", 1);
            service.flush();

            assertThat(service.service().flushStats().failures())
                    .as("one for each change of the table, until the session that knew another one is gone")
                    .isLessThanOrEqualTo(2);
            assertThat(database.query(ROWS))
                    .containsExactly(
                            List.of("1", "course", "block", "1"),
                            List.of("2", "course", "block", "0.75"),
                            List.of("3", "course", "block", "1"));
            service.stop();
        }
    }

    @Test
    void write_idsUsedUp_newRowsWaitAndTheOthersGoOn() {
        RunningService service = RunningService.start(database.uri(), "flush.interval=50ms", "flush.max-backoff=200ms");
        service.write(99, "course", "block", 0.125);
        service.flush();
        database.execute("ALTER TABLE " + TABLE + " MODIFY id SMALLINT NOT NULL AUTO_INCREMENT");
        database.execute("UPDATE " + TABLE + " SET id = 32767", "ALTER TABLE " + TABLE + " AUTO_INCREMENT = 32767");

        service.write(1, "course", "block", 1);
        service.write(2, "course", "block", 1);
        await().until(() -> service.logged(Level.ERROR).stream().anyMatch(line -> line.contains("no id left")));
        for (int i = 1; i <= 4; i++) {
            service.write(99, "course", "block", i / 4.0);
            String value = i == 4 ? "1" : String.valueOf(i / 4.0);
            await().until(() -> database.query(ROWS).equals(List.of(List.of("99", "course", "block", value))));
        }
        await().until(() -> service.service().buffer().pendingKeys() == 2);
        assertThat(service.deadLetters()).isEmpty();
        await().until(() -> service.manage("GET", "/health/ready").body().contains("failing"));

        database.execute("ALTER TABLE " + TABLE + " MODIFY id BIGINT NOT NULL AUTO_INCREMENT");
        service.flush();
        assertThat(database.query(ROWS)).hasSize(3);
        await().until(() -> service.manage("GET", "/health/ready").body().contains("\"database\":\"ok\""));
        assertThat(service.stop()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb4_german2_ci"})
    void write_spellingsThatTheTableHoldsEqual_areOneRowWithTheLastValue(String collation) {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h")) {
            convert(collation);
            service.write(1, "course", "cafe", 0.75);
            service.write(1, "course", "café", 0.25);
            service.write(1, "course", "Cafè", 0.5);
            service.write(1, "course", "cafe", 0.75);
            service.flush();
            assertThat(database.query(ROWS)).containsExactly(List.of("1", "course", "cafe", "0.75"));
            assertThat(database.value("SELECT modified > created FROM " + TABLE))
                    .isEqualTo("1");

            service.write(1, "course", "café", 0.75);
            service.flush();
            service.write(1, "course", "Cafè", 1);
            service.write(1, "course", "cafe", 0.25);
            service.write(1, "course", "café", 0.5);
            service.flush();
            assertThat(database.query(ROWS)).containsExactly(List.of("1", "course", "cafe", "0.5"));
            assertThat(service.service().buffer().pendingKeys()).isZero();
        }
    }

    @Test
    void write_spellingsThatTheTableTellsApart_areRowsOfTheirOwn() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h")) {
            convert("utf8mb4_unicode_ci");
            for (List<String> pair : List.of(List.of("ა", "Ა"), List.of("ꭰ", "Ꭰ"))) {
                boolean equal = database.value("SELECT CONVERT(_utf8mb4'" + pair.get(0)
                                + "' USING utf8mb4) COLLATE utf8mb4_unicode_ci = _utf8mb4'" + pair.get(1) + "'")
                        .equals("1");
                int before = database.query(ROWS).size();
                service.write(1, "course", pair.get(0), 0.25);
                service.write(1, "course", pair.get(1), 0.75);
                service.flush();
                assertThat(database.query(ROWS)).as(pair.toString()).hasSize(before + (equal ? 1 : 2));
            }
        }
    }

    @Test
    void write_aRowFromTheFuture_isOverwrittenReadAndCounted() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h")) {
            service.write(1, "course", "block", 0.25);
            service.flush();
            database.execute("UPDATE " + TABLE + " SET modified = modified + INTERVAL 30 MINUTE");
            service.write(1, "course", "block", 0.75);
            assertThat(read(service, 1, "course").get(0).getDouble("completion"))
                    .isEqualTo(0.75);
            service.flush();

            assertThat(database.query(ROWS)).containsExactly(List.of("1", "course", "block", "0.75"));
            assertThat(database.value("SELECT modified < UTC_TIMESTAMP() + INTERVAL 1 MINUTE FROM " + TABLE))
                    .isEqualTo("1");
            assertThat(service.service().flushStats().rowsAhead()).isEqualTo(1);
            assertThat(service.manage("GET", "/metrics").body()).contains("writebehind_flush_rows_ahead_total 1.0");
        }
    }

    private void convert(String collation) {
        database.execute("ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET "
                + collation.substring(0, collation.indexOf('_')) + " COLLATE " + collation);
    }

    private static List<JsonObject> read(RunningService service, int user, String course) {
        return objects(service.read(user, encoded(course)).getJsonArray("completions"));
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
