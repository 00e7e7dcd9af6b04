package dev.writebehind;

import static dev.writebehind.testing.Problems.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller who asks is told when its writes were received, as their rows say, and waits no longer than it likes. */
class StampsIT {
    private static final String TABLE = "completion_blockcompletion";
    private static final String STAMP = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z";
    private static final AtomicInteger USERS = new AtomicInteger();

    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.with("flush.interval=1h");

    private final TestDatabase database = suite.database();
    private final RunningService service = suite.service();

    /** Every test has a learner of its own in the one table. */
    private final int user = USERS.incrementAndGet();

    @ParameterizedTest
    @ValueSource(strings = {"memory", "journal", "database"})
    void write_ofANewRow_isStampedWithItsTimes(String ack) {
        String stamp = stamps(service.post("?return=stamps&ack=" + ack, Bodies.write(user, 0.5)), 1)
                .get(0);

        service.flush();
        assertThat(rows()).containsExactly(List.of("b", "0.5", stamp, stamp));
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "journal", "database"})
    void write_ofAnotherValue_isStampedWithWhenTheRowIsModified(String ack) {
        String created = write(0.5);
        service.flush();
        String modified = stamps(service.post("?ack=" + ack + "&return=stamps", Bodies.write(user, 1)), 1)
                .get(0);

        service.flush();
        assertThat(modified).isGreaterThan(created);
        assertThat(rows()).containsExactly(List.of("b", "1", created, modified));
    }

    @Test
    void write_ofAnEqualValue_isStampedAndLeavesTheRowAsItIs() {
        String first = write(0.5);
        String second = write(0.5);

        assertThat(second).isGreaterThan(first);
        assertThat(rows()).containsExactly(List.of("b", "0.5", first, first));
    }

    @Test
    void write_thatMeetsAPendingOne_tellsThatTheRowWasBegunBefore() {
        String pending = stamps(service.post("?return=stamps", Bodies.write(user, 0.25)), 1)
                .get(0);
        String awaited = write(0.75);

        assertThat(rows()).containsExactly(List.of("b", "0.75", pending, awaited));
    }

    /** Both of a key have their own, and so has every learner's run in between. */
    @Test
    void writes_inAnArray_areStampedEachInTheirOrder() {
        int other = USERS.incrementAndGet();
        String body = Bodies.array(Stream.of(
                Bodies.write(user, "a", 0.25),
                Bodies.write(other, "a", 0.5),
                Bodies.write(user, "a", 1),
                Bodies.write(user, "b", 1),
                Bodies.write(user, "b", 1)));
        List<String> stamps = stamps(service.post("?return=stamps&ack=database", body), 5);

        assertThat(stamps).isSorted().doesNotHaveDuplicates();
        assertThat(rows())
                .containsExactly(
                        List.of("a", "1", stamps.get(0), stamps.get(2)),
                        List.of("b", "1", stamps.get(3), stamps.get(3)));
        assertThat(rows(other)).containsExactly(List.of("a", "0.5", stamps.get(1), stamps.get(1)));
    }

    @Test
    void writes_inNdjson_areStamped() {
        String body = Bodies.write(user, "a", 0.25) + "\n" + Bodies.write(user, "b", 0.5) + "\n";
        List<String> stamps = stamps(
                service.send(HttpRequest.newBuilder(service.uri("/v1/completions?return=stamps&ack=database"))
                        .header("content-type", "application/x-ndjson")
                        .POST(BodyPublishers.ofString(body))),
                2);

        assertThat(rows())
                .containsExactly(
                        List.of("a", "0.25", stamps.get(0), stamps.get(0)),
                        List.of("b", "0.5", stamps.get(1), stamps.get(1)));
    }

    /** Decoded away from the event loop. */
    @Test
    void writes_inALargeBody_areStamped() {
        String body = Bodies.array(IntStream.range(0, 5_000).mapToObj(i -> Bodies.write(user, "b" + i, 1)));
        List<String> stamps = stamps(service.post("?return=stamps&ack=database", body), 5_000);

        assertThat(database.query("SELECT " + time("created") + " FROM " + TABLE + " WHERE user_id = " + user
                        + " ORDER BY CAST(SUBSTRING(block_key, 2) AS SIGNED)"))
                .isEqualTo(stamps.stream().map(List::of).toList());
    }

    @Test
    void writes_ofManyAtATime_haveStampsOfTheirOwn() {
        List<String> stamps = IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> stamps(service.post("?return=stamps", Bodies.write(user, "b" + i, 1)), 1)
                        .get(0))
                .toList();

        service.flush();
        assertThat(stamps).doesNotHaveDuplicates();
        IntStream.range(0, 64)
                .forEach(i -> assertThat(database.value("SELECT " + time("created") + " FROM " + TABLE
                                + " WHERE user_id = " + user + " AND block_key = 'b" + i + "'"))
                        .isEqualTo(stamps.get(i)));
    }

    @Test
    void write_notFlushedInTime_isToldItsStampAllTheSame() {
        service.manage("POST", "/admin/pause");
        try {
            JsonObject late = afterItsTime(
                    Duration.ofMillis(200),
                    () -> service.post("?ack=database&return=stamps&timeout=200ms", Bodies.write(user, 0.5)));
            List<String> stamps = texts(late.getJsonArray("stamps"), 1);
            assertThat(rows()).isEmpty();

            service.manage("POST", "/admin/resume");
            service.flush();
            assertThat(rows()).containsExactly(List.of("b", "0.5", stamps.get(0), stamps.get(0)));
        } finally {
            service.manage("POST", "/admin/resume");
        }
    }

    @Test
    void write_thatIsNotAsked_isAnsweredWithoutStamps() {
        assertThat(service.post("?ack=journal&timeout=1m", Bodies.write(user, 1))
                        .body())
                .isEqualTo("{\"accepted\":1,\"ack\":\"journal\"}");
        service.manage("POST", "/admin/pause");
        try {
            JsonObject late = problem(service.post("?ack=database&timeout=100ms", Bodies.write(user, 0.5)), 504);
            assertThat(late.containsKey("stamps")).isFalse();
        } finally {
            service.manage("POST", "/admin/resume");
        }
    }

    @Test
    void reset_notCarriedOutInTime_saysSo() {
        write(1);
        service.manage("POST", "/admin/pause");
        try {
            afterItsTime(Duration.ofMillis(200), () -> delete("ack=database&timeout=200ms"));
        } finally {
            service.manage("POST", "/admin/resume");
        }
        service.flush();
        assertThat(rows()).isEmpty();
    }

    /** Nobody waits longer than the operator allows. */
    @Test
    void timeout_beyondTheSettings_countsAsThat() {
        try (TestDatabase own = TestDatabase.create();
                RunningService hasty = RunningService.start(own.uri(), "ingest.ack-timeout=150ms")) {
            hasty.manage("POST", "/admin/pause");
            for (String timeout : List.of("1m", "999999999999h")) {
                afterItsTime(
                        Duration.ofMillis(150),
                        () -> hasty.post("?ack=database&timeout=" + timeout, Bodies.write(user, 0.5)));
            }
            hasty.manage("POST", "/admin/resume");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "timeout=0s, timeout",
        "timeout=0ms, timeout",
        "timeout=2, timeout",
        "timeout=, timeout",
        "timeout=-2s, timeout",
        "timeout=1.5s, timeout",
        "timeout=2d, timeout",
        "timeout=9999999999999s, timeout",
        "timeout=2s&timeout=2s, timeout",
        "return=, return",
        "return=stamp, return",
        "return=Stamps, return",
        "return=stamps&return=stamps, return",
        "announce=, announce",
        "announce=no, announce",
        "announce=False, announce",
        "announce=false&announce=false, announce"
    })
    void parameter_thatIsWrong_isRefusedAndNothingTaken(String query, String name) {
        expectRefused(service.post("?ack=database&" + query, Bodies.write(user, 0.5)), name);
        if (name.equals("timeout")) {
            write(1);
            expectRefused(delete(query), name);
        }

        service.flush();
        assertThat(rows()).hasSize(name.equals("timeout") ? 1 : 0);
    }

    /** Returns the problem that is told when so much time is over, and not much more. */
    private static JsonObject afterItsTime(Duration time, Supplier<HttpResponse<String>> request) {
        Instant before = Instant.now();
        long begun = Naps.nanos();
        JsonObject late = problem(request.get(), 504);
        assertThat(Naps.since(begun)).isLessThan(Duration.ofSeconds(5));
        assertThat(Duration.between(before, Instant.now())).isGreaterThanOrEqualTo(time);
        return late;
    }

    private static void expectRefused(HttpResponse<String> answer, String name) {
        assertThat(problem(answer, 400).getJsonArray("errors").getJsonObject(0).getString("field"))
                .isEqualTo(name);
    }

    private String write(double value) {
        return stamps(service.post("?ack=database&return=stamps", Bodies.write(user, value)), 1)
                .get(0);
    }

    private HttpResponse<String> delete(String query) {
        return service.send(
                HttpRequest.newBuilder(service.uri("/v1/users/" + user + "/completions?course_key=c&" + query))
                        .DELETE());
    }

    private List<List<String>> rows() {
        return rows(user);
    }

    private List<List<String>> rows(int learner) {
        return database.query("SELECT block_key, completion, " + time("created") + ", " + time("modified") + " FROM "
                + TABLE + " WHERE user_id = " + learner + " ORDER BY block_key");
    }

    private static String time(String column) {
        return "DATE_FORMAT(" + column + ", '%Y-%m-%dT%H:%i:%s.%fZ')";
    }

    private static List<String> stamps(HttpResponse<String> answer, int writes) {
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 202);
        JsonObject body = new JsonObject(answer.body());
        assertThat(body.getInteger("accepted")).isEqualTo(writes);
        return texts(body.getJsonArray("stamps"), writes);
    }

    private static List<String> texts(JsonArray stamps, int writes) {
        List<String> texts = stamps.stream().map(String.class::cast).toList();
        assertThat(texts).hasSize(writes).allSatisfy(stamp -> assertThat(stamp).matches(STAMP));
        return texts;
    }
}
