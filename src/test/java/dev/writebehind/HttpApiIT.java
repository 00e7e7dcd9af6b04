package dev.writebehind;

import static dev.writebehind.testing.Problems.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the public port promises to those who use it as they should. */
class HttpApiIT {
    private static final String TABLE = "completion_blockcompletion";
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String NDJSON = "application/x-ndjson";
    private static final AtomicInteger USERS = new AtomicInteger();

    /** As an operator would find it, except that only a call flushes, and reads always ask the table. */
    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.with("flush.interval=1h", "buffer.retain=0s");

    private final TestDatabase database = suite.database();
    private final RunningService service = suite.service();

    /** Every test has a learner of its own in the one table. */
    private final int user = USERS.incrementAndGet();

    @ParameterizedTest
    @ValueSource(strings = {"memory", "journal"})
    void write_acknowledged_namesTheLevelReached(String ack) {
        HttpResponse<String> answer = service.post("?ack=" + ack, write("b", "1"));
        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.body()).isEqualTo("{\"accepted\":1,\"ack\":\"" + ack + "\"}");
    }

    @Test
    void write_object_isStored() {
        accepted(service.post("", write(block("video", 1), "0.25")), 202, 1);

        service.flush();
        assertThat(rows()).containsExactly(List.of(COURSE, block("video", 1), "video", "0.25"));
    }

    @Test
    void write_array_isStored() {
        accepted(service.post("", "[" + write(block("html", 1), "0") + " ,\n" + write("opaque", "1") + "]"), 202, 2);

        service.flush();
        assertThat(rows())
                .containsExactly(
                        List.of(COURSE, block("html", 1), "html", "0"), List.of(COURSE, "opaque", "unknown", "1"));
    }

    @Test
    void write_arrayWithTheSameKeyTwice_storesTheLast() {
        accepted(service.post("", "[" + write("b", "1") + "," + write("b", "0.5") + "]"), 202, 2);

        service.flush();
        assertThat(rows()).containsExactly(List.of(COURSE, "b", "unknown", "0.5"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"%s\n%s\n", "%s\r\n%s\r\n", "%s\n%s", "\n\n%s\n\n\n%s\n\n", "\r\n%s\r\n\r\n%s", " %s \n\t%s "})
    void write_ndjson_isStored(String layout) {
        String body = layout.formatted(write("a", "0.5"), write("b", "1"));

        accepted(post(service, NDJSON, body), 202, 2);

        service.flush();
        assertThat(rows())
                .containsExactly(List.of(COURSE, "a", "unknown", "0.5"), List.of(COURSE, "b", "unknown", "1"));
    }

    @ParameterizedTest
    @CsvSource({"100000, application/json, '[', ',', ']'", "20000, application/x-ndjson, '', '\n', ''"})
    void write_manyElements_areStored(int writes, String type, String open, String between, String close) {
        String body = IntStream.range(0, writes)
                .mapToObj(i -> write(block("problem", i), i % 2 == 0 ? "1" : "0.5"))
                .collect(Collectors.joining(between, open, close));
        try (RunningService own = RunningService.start(database.uri(), "flush.batch-size=5000")) {
            accepted(post(own, type, body), 202, writes);

            own.flush();
            assertThat(database.query("SELECT COUNT(*), SUM(completion) FROM " + TABLE + " WHERE user_id = " + user))
                    .containsExactly(List.of(String.valueOf(writes), String.valueOf(writes / 4 * 3)));
        }
    }

    @Test
    void write_acknowledgedInMemory_isNotYetInTheTable() {
        accepted(service.post("?ack=memory", write("b", "1")), 202, 1);

        assertThat(rows()).isEmpty();
        service.flush();
        assertThat(rows()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"memory, ?ack=database", "database, ''"})
    @ShowsEffectOf("ingest.ack")
    void write_acknowledgedByTheDatabase_isInTheTable(String configured, String query) {
        try (RunningService own =
                RunningService.start(database.uri(), "flush.interval=20ms", "ingest.ack=" + configured)) {
            for (int i = 1; i <= 20; i++) {
                accepted(own.post(query, "[" + write("b" + i, "1") + "," + write("b1", "0.5") + "]"), 200, 2);
                assertThat(rows()).hasSize(i);
            }
        }
    }

    @Test
    void write_acknowledgedByTheDatabaseUnchanged_isAnsweredToo() {
        try (RunningService own = RunningService.start(database.uri(), "flush.interval=20ms")) {
            assertThat(own.post("?ack=database", write("b", "1")).body())
                    .isEqualTo("{\"accepted\":1,\"ack\":\"database\"}");
            accepted(own.post("?ack=database", write("b", "1")), 200, 1);
            accepted(own.post("?ack=database", write("b", "1")), 200, 1);
        }
    }

    @Test
    void write_tableLockedBeyondTheAckTimeout_arrivesLater() throws SQLException {
        try (RunningService own = impatient()) {
            try (Connection locking = database.connect();
                    Statement statement = locking.createStatement()) {
                statement.execute("LOCK TABLES " + TABLE + " WRITE");

                notYet(own.post("?ack=database", write("b", "1")));
            }
            await().untilAsserted(() -> assertThat(rows()).containsExactly(List.of(COURSE, "b", "unknown", "1")));
        }
    }

    @Test
    void write_rowLockedBeyondTheAckTimeout_arrivesLater() throws SQLException {
        try (RunningService own = impatient()) {
            assertThat(own.post("?ack=memory", write("b", "0.5")).statusCode()).isEqualTo(202);
            own.flush();
            try (Connection locking = database.connect();
                    Statement statement = locking.createStatement()) {
                locking.setAutoCommit(false);
                statement.execute("SELECT * FROM " + TABLE + " WHERE user_id = " + user + " FOR UPDATE");

                notYet(own.post("?ack=database", write("b", "1")));

                assertThat(rows()).containsExactly(List.of(COURSE, "b", "unknown", "0.5"));
            }
            await().untilAsserted(() -> assertThat(rows()).containsExactly(List.of(COURSE, "b", "unknown", "1")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "10s"})
    void read_beforeAndAfterTheFlush_differsInStateOnly(String retain) {
        try (RunningService own = onlyFlushedByCall(retain)) {
            assertThat(completions(own, "")).isEmpty();
            own.post("", write(block("html", 1), "0.125"));

            JsonObject pending = only(completions(own, ""));
            own.flush();
            JsonObject stored = only(completions(own, ""));

            assertThat(pending.getString("block_key")).isEqualTo(block("html", 1));
            assertThat(pending.getString("block_type")).isEqualTo("html");
            assertThat(pending.getDouble("completion")).isEqualTo(0.125);
            assertThat(pending.getString("state")).isEqualTo("pending");
            assertThat(pending.getString("created")).isEqualTo(pending.getString("modified"));
            assertThat(stored).isEqualTo(pending.copy().put("state", "stored"));
            assertThat(stored).isEqualTo(inTable());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "10s"})
    void read_changesOverAStoredRow_areTheRowsToBe(String retain) {
        try (RunningService own = onlyFlushedByCall(retain)) {
            own.post("", write("b", "0.5"));
            own.flush();
            JsonObject first = only(completions(own, ""));

            own.post("", write("b", "0.5"));
            assertThat(only(completions(own, ""))).isEqualTo(first.copy().put("state", "pending"));
            own.flush();
            assertThat(only(completions(own, ""))).isEqualTo(first).isEqualTo(inTable());

            own.post("", write("b", "0.75"));
            own.post("", write("B", "0.25"));
            JsonObject changed = only(completions(own, ""));
            assertThat(changed.getString("block_key")).isEqualTo("b");
            assertThat(changed.getDouble("completion")).isEqualTo(0.25);
            assertThat(changed.getString("created")).isEqualTo(first.getString("created"));
            assertThat(changed.getString("modified")).isGreaterThan(first.getString("modified"));
            own.flush();
            assertThat(only(completions(own, "")))
                    .isEqualTo(changed.copy().put("state", "stored"))
                    .isEqualTo(inTable());
        }
    }

    @Test
    void read_someBlocks_givesOnlyThose() {
        service.post("", "[" + write(block("html", 1), "1") + "," + write(block("html", 2), "1") + "]");
        service.flush();
        service.post("", "[" + write(block("html", 3), "1") + "," + write("block 4&%", "1") + "]");

        assertThat(blocksRead(""))
                .containsExactlyInAnyOrder(block("html", 1), block("html", 2), block("html", 3), "block 4&%");
        assertThat(blocksRead("&block_key=" + block("html", 2))).containsExactly(block("html", 2));
        assertThat(blocksRead("&block_key=" + block("html", 2) + "&block_key=" + block("html", 3)))
                .containsExactlyInAnyOrder(block("html", 2), block("html", 3));
        assertThat(blocksRead("&block_key=" + block("HTML", 3))).containsExactly(block("html", 3));
        assertThat(blocksRead("&block_key=" + encoded(block("html", 3)))).containsExactly(block("html", 3));
        assertThat(blocksRead("&block_key=block%204%26%25")).containsExactly("block 4&%");
        assertThat(blocksRead("&block_key=" + block("html", 5))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"course-v1:Org+Course+Run", "course-v1%3AOrg%2BCourse%2BRun", "COURSE-V1:ORG+course+rUN"})
    void read_courseSpelledDifferently_isFound(String course) {
        service.post("", write("b", "1"));
        assertThat(read(service, course, "")).hasSize(1);

        service.flush();
        assertThat(read(service, course, "")).hasSize(1);
        assertThat(read(service, course, "&x=y")).hasSize(1);
    }

    @Test
    void read_unknownCourseOrLearner_isEmpty() {
        service.post("", write("b", "1"));

        assertThat(read(service, "course-v1:Org+Course+Other", "")).isEmpty();
        assertThat(read(service, "course-v1:Org%20Course%20Run", "")).isEmpty();
        assertThat(service.read(2_000_000_000, COURSE).getJsonArray("completions"))
                .isEmpty();
    }

    @Test
    void write_keysThatTheTableHoldsEqual_areOneRow() {
        service.post("", write("Cafe", "0.25"));
        service.flush();

        service.post("", write("café", "0.5"));
        service.post("", write("CAFE", "0.75"));
        service.flush();

        assertThat(rows()).containsExactly(List.of(COURSE, "Cafe", "unknown", "0.75"));
        assertThat(only(completions(service, ""))).isEqualTo(inTable());
    }

    @Test
    void read_withinRetain_doesNotAskTheTable() {
        try (RunningService own = onlyFlushedByCall("1m")) {
            own.post("", write("b", "1"));
            own.flush();
            JsonArray first = completions(own, "");
            long reads = tableReads();

            for (int i = 0; i < 20; i++) {
                assertThat(completions(own, i % 2 == 0 ? "" : "&block_key=b")).isEqualTo(first);
            }

            assertThat(tableReads()).isEqualTo(reads);
        }
    }

    @Test
    void read_withoutRetain_asksTheTableEachTime() {
        service.post("", write("b", "1"));
        service.flush();
        long reads = tableReads();

        for (int i = 0; i < 20; i++) {
            assertThat(completions(service, "")).hasSize(1);
        }

        assertThat(tableReads()).isGreaterThanOrEqualTo(reads + 20);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void read_rowChangedBehindTheService_showsAfterRetainAtTheLatest(boolean deleted) {
        try (RunningService own = onlyFlushedByCall("200ms")) {
            own.post("", "[" + write("b", "1") + "," + write("c", "1") + "]");
            own.flush();
            assertThat(completions(own, "")).hasSize(2);

            database.execute(
                    deleted
                            ? "DELETE FROM " + TABLE + " WHERE block_key = 'b' AND user_id = " + user
                            : "UPDATE " + TABLE + " SET completion = 0.5, modified = '2100-01-01 00:00:00.123456'"
                                    + " WHERE block_key = 'b' AND user_id = " + user);
            long changedAt = System.nanoTime();

            await().pollInterval(Duration.ofMillis(10)).until(() -> {
                long askedAt = System.nanoTime();
                JsonArray read = completions(own, "&block_key=b");
                boolean shows = deleted ? read.isEmpty() : only(read).getDouble("completion") == 0.5;
                assertThat(shows || askedAt - changedAt < Duration.ofMillis(200).toNanos())
                        .as("%s, %d ns after the change", read, askedAt - changedAt)
                        .isTrue();
                return shows;
            });
            if (!deleted) {
                assertThat(only(completions(own, "&block_key=b")).getString("modified"))
                        .isEqualTo("2100-01-01T00:00:00.123456Z");
            }
            assertThat(completions(own, "&block_key=c")).hasSize(1);
        }
    }

    @Test
    @ShowsEffectOf("buffer.max-pending")
    void write_bufferFull_isRefusedWholeUntilFlushed() {
        try (RunningService own = RunningService.start(
                database.uri(), "buffer.max-pending=10", "flush.interval=1h", "buffer.retain=0s")) {
            accepted(own.post("", array(1, 10, "0.5")), 202, 10);

            full(own.post("", write("b11", "1")));
            full(own.post("", array(10, 11, "1")));
            assertThat(completions(own, "")).hasSize(10);
            assertThat(only(completions(own, "&block_key=b10")).getDouble("completion"))
                    .isEqualTo(0.5);

            accepted(own.post("", write("b10", "0.75")), 202, 1);
            accepted(own.post("", write("B1", "0.75")), 202, 1);
            accepted(own.post("", array(1, 10, "0.875")), 202, 10);
            accepted(own.post("", "[" + write("b3", "1") + "," + write("b3", "0.25") + "]"), 202, 2);
            full(own.post("", array(11, 30, "1")));

            assertThat(own.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            accepted(own.post("", write("b11", "1")), 202, 1);
            full(own.post("", array(12, 21, "1")));
            accepted(own.post("", array(12, 20, "1")), 202, 9);
        }
        assertThat(rows()).hasSize(20);
        assertThat(rows())
                .contains(List.of(COURSE, "b3", "unknown", "0.25"), List.of(COURSE, "b10", "unknown", "0.875"));
    }

    @Test
    void write_moreKeysThanTheBufferCouldEverHold_isRefused() {
        try (RunningService own = RunningService.start(database.uri(), "buffer.max-pending=10")) {
            full(own.post("", array(1, 11, "1")));
            String sameKey =
                    IntStream.range(0, 100).mapToObj(i -> write("b", "1")).collect(Collectors.joining(",", "[", "]"));
            accepted(own.post("", sameKey), 202, 100);
        }
        assertThat(rows()).hasSize(1);
    }

    @Test
    @ShowsEffectOf("ingest.ack-timeout")
    void start_databaseAway_acceptsWritesAndRefusesReadsUntilItIsBack() {
        try (FaultyProxy proxy = FaultyProxy.closed(database.port());
                RunningService own = RunningService.start(
                        database.uriThrough(proxy.port()), "flush.interval=20ms", "ingest.ack-timeout=100ms")) {
            accepted(own.post("", write("b", "1")), 202, 1);
            notYet(own.post("?ack=database", write("b", "0.5")));
            HttpResponse<String> read = get(own, COURSE, "");
            assertThat(problem(read, 503).getString("detail")).startsWith("the database can't be read: ");
            assertThat(read.headers().firstValue("retry-after")).contains("1");

            proxy.open();

            await().untilAsserted(() -> assertThat(rows()).containsExactly(List.of(COURSE, "b", "unknown", "0.5")));
            assertThat(only(completions(own, ""))).isEqualTo(inTable());
        }
    }

    private RunningService impatient() {
        return RunningService.start(database.uri(), "flush.interval=20ms", "ingest.ack-timeout=300ms");
    }

    private RunningService onlyFlushedByCall(String retain) {
        return RunningService.start(database.uri(), "flush.interval=1h", "buffer.retain=" + retain);
    }

    private static void accepted(HttpResponse<String> answer, int status, int writes) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        assertThat(new JsonObject(answer.body()).getInteger("accepted")).isEqualTo(writes);
    }

    private static void notYet(HttpResponse<String> answer) {
        JsonObject problem = problem(answer, 504);
        assertThat(problem.getString("type")).isEqualTo("urn:completion-writebehind:not-yet-flushed");
        assertThat(problem.getString("detail"))
                .isEqualTo("it is accepted and will be flushed; no need to send it again");
    }

    private static void full(HttpResponse<String> answer) {
        JsonObject problem = problem(answer, 503);
        assertThat(problem.getString("type")).isEqualTo("urn:completion-writebehind:buffer-full");
        assertThat(problem.getString("detail")).isEqualTo("the buffer is full: the database does not keep up");
        assertThat(answer.headers().firstValue("retry-after")).contains("1");
    }

    private static HttpResponse<String> post(RunningService to, String type, String body) {
        return to.send(HttpRequest.newBuilder(to.uri("/v1/completions"))
                .header("content-type", type)
                .POST(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> get(RunningService from, String course, String query) {
        return from.send(
                HttpRequest.newBuilder(from.uri("/v1/users/" + user + "/completions?course_key=" + course + query)));
    }

    private JsonArray read(RunningService from, String course, String query) {
        HttpResponse<String> answer = get(from, course, query);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        return new JsonObject(answer.body()).getJsonArray("completions");
    }

    private JsonArray completions(RunningService from, String query) {
        return read(from, COURSE, query);
    }

    private List<String> blocksRead(String query) {
        return completions(service, query).stream()
                .map(completion -> ((JsonObject) completion).getString("block_key"))
                .toList();
    }

    private static JsonObject only(JsonArray completions) {
        assertThat(completions).hasSize(1);
        return completions.getJsonObject(0);
    }

    /** Returns the learner's only row as a read must show it. */
    private JsonObject inTable() {
        List<List<String>> rows = database.query("SELECT block_key, block_type, completion,"
                + " DATE_FORMAT(created, '%Y-%m-%dT%H:%i:%s.%fZ'), DATE_FORMAT(modified, '%Y-%m-%dT%H:%i:%s.%fZ')"
                + " FROM " + TABLE + " WHERE user_id = " + user);
        assertThat(rows).hasSize(1);
        List<String> row = rows.get(0);
        return new JsonObject()
                .put("block_key", row.get(0))
                .put("block_type", row.get(1))
                .put("completion", Double.parseDouble(row.get(2)))
                .put("created", row.get(3))
                .put("modified", row.get(4))
                .put("state", "stored");
    }

    private List<List<String>> rows() {
        return database.query("SELECT course_key, block_key, block_type, completion FROM " + TABLE + " WHERE user_id = "
                + user + " ORDER BY block_key");
    }

    /** Returns how many rows anybody looked for in the table. */
    private long tableReads() {
        return Long.parseLong(database.value("SELECT COALESCE(SUM(COUNT_FETCH), 0)"
                + " FROM performance_schema.table_io_waits_summary_by_table"
                + " WHERE OBJECT_SCHEMA = DATABASE() AND OBJECT_NAME = '" + TABLE + "'"));
    }

    private String write(String blockKey, String completion) {
        return "{\"user_id\":" + user + ",\"course_key\":\"" + COURSE + "\",\"block_key\":\"" + blockKey
                + "\",\"completion\":" + completion + "}";
    }

    private String array(int first, int last, String completion) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(i -> write("b" + i, completion))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String block(String type, int id) {
        return "block-v1:Org+Course+Run+type@" + type + "+block@" + id;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
