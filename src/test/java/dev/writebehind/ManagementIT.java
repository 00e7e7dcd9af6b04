package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the management port tells whoever supervises the service, and what it does for them. */
class ManagementIT {
    private static TestDatabase database;
    private static RunningService service;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        service = RunningService.start(database.uri(), "flush.interval=1h");
    }

    @AfterAll
    static void stop() {
        service.close();
        database.close();
    }

    @BeforeEach
    void emptyTheTable() {
        service.flush();
        database.execute("DELETE FROM completion_blockcompletion");
    }

    @Test
    void live_always_saysSo() {
        HttpResponse<String> answer = service.manage("GET", "/health/live");

        assertThat(json(answer, 200)).isEqualTo(new JsonObject().put("status", "live"));
    }

    @Test
    void ready_serving_tellsWhatWaits() {
        assertThat(json(service.manage("GET", "/health/ready"), 200))
                .isEqualTo(new JsonObject()
                        .put("status", "serving")
                        .put("journal", "ok")
                        .put("database", "ok")
                        .put("flushing", "on")
                        .put("pending_keys", 0)
                        .put("pending_bytes", 0));

        assertThat(service.post("", writes(3)).statusCode()).isEqualTo(202);

        JsonObject ready = json(service.manage("GET", "/health/ready"), 200);
        assertThat(ready.getInteger("pending_keys")).isEqualTo(3);
        assertThat(ready.getInteger("pending_bytes")).isPositive();
    }

    @Test
    void pause_writesComeIn_nothingReachesTheTableUntilItIsResumed() {
        assertThat(json(service.manage("POST", "/admin/pause"), 200).getString("status"))
                .isEqualTo("paused");
        try {
            assertThat(service.post("", writes(3)).statusCode()).isEqualTo(202);
            JsonObject refused = json(service.manage("POST", "/admin/flush"), 409);
            assertThat(refused.getString("reason")).contains("/admin/resume");
            assertThat(json(service.manage("GET", "/health/ready"), 200).getString("flushing"))
                    .isEqualTo("paused");
            assertThat(metric("writebehind_flush_paused")).isEqualTo(1);
            assertThat(metric("writebehind_pending_keys")).isEqualTo(3);
            assertThat(rows()).isZero();
        } finally {
            assertThat(json(service.manage("POST", "/admin/resume"), 200).getString("status"))
                    .isEqualTo("resumed");
        }
        await().until(() -> rows() == 3);
        assertThat(metric("writebehind_flush_paused")).isZero();
        assertThat(json(service.manage("GET", "/health/ready"), 200).getString("flushing"))
                .isEqualTo("on");
    }

    @Test
    void pause_flushUnderWay_answersOnlyWhenItHasEnded() throws Exception {
        try (RunningService own = RunningService.start(database.uri(), "flush.interval=20ms");
                Connection holder = database.connect();
                Statement lock = holder.createStatement()) {
            own.post("?ack=database", writes(1));
            lock.execute("LOCK TABLES completion_blockcompletion READ");
            own.post("", writes(2));
            await().until(() -> database.query("SHOW PROCESSLIST").stream()
                    .anyMatch(row -> String.valueOf(row).contains("table metadata lock")));
            CompletableFuture<HttpResponse<String>> paused =
                    CompletableFuture.supplyAsync(() -> own.manage("POST", "/admin/pause"));
            await().until(() -> json(own.manage("GET", "/health/ready"), 200)
                    .getString("flushing")
                    .equals("paused"));
            assertThat(paused).isNotDone();
            lock.execute("UNLOCK TABLES");
            assertThat(paused.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(rows()).isEqualTo(2);
            own.manage("POST", "/admin/resume");
        }
    }

    @Test
    void metrics_afterWrites_countThem() {
        double before = metric("writebehind_flush_writes_total");
        service.post("", writes(7));
        service.flush();
        assertThat(metric("writebehind_flush_writes_total") - before).isEqualTo(7);
        assertThat(metric("writebehind_serving")).isEqualTo(1);
        assertThat(metric("writebehind_journal_healthy")).isEqualTo(1);
    }

    private static double metric(String name) {
        HttpResponse<String> answer = service.manage("GET", "/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    @Test
    void flush_writesPending_answersWhenAllAreInTheTable() {
        assertThat(service.post("", writes(5_000)).statusCode()).isEqualTo(202);

        HttpResponse<String> answer = service.manage("POST", "/admin/flush");

        assertThat(rows()).isEqualTo(5_000);
        assertThat(json(answer, 200))
                .isEqualTo(new JsonObject()
                        .put("status", "flushed")
                        .put("pending_keys", 0)
                        .put("pending_bytes", 0));
    }

    @Test
    void flush_nothingPending_answersAtOnce() {
        assertThat(json(service.manage("POST", "/admin/flush"), 200).getString("status"))
                .isEqualTo("flushed");
    }

    @Test
    void flush_tableLocked_answersOnlyAfterwards() throws Exception {
        CompletableFuture<HttpResponse<String>> answer;
        try (Connection locking = database.connect();
                Statement statement = locking.createStatement()) {
            statement.execute("LOCK TABLES completion_blockcompletion WRITE");
            assertThat(service.post("", writes(3)).statusCode()).isEqualTo(202);

            answer = CompletableFuture.supplyAsync(() -> service.manage("POST", "/admin/flush"));

            await().during(Duration.ofMillis(300)).until(() -> !answer.isDone());
            assertThat(json(service.manage("GET", "/health/ready"), 200).getInteger("pending_keys"))
                    .isEqualTo(3);
        }
        assertThat(json(answer.get(30, TimeUnit.SECONDS), 200).getString("status"))
                .isEqualTo("flushed");
        assertThat(rows()).isEqualTo(3);
    }

    @Test
    void ready_stopping_saysDrainingUntilTheEnd() throws Exception {
        RunningService own = RunningService.start(database.uri(), "flush.interval=1h");
        CompletableFuture<Long> left;
        try (Connection locking = database.connect();
                Statement statement = locking.createStatement()) {
            statement.execute("LOCK TABLES completion_blockcompletion WRITE");
            assertThat(own.post("", writes(3)).statusCode()).isEqualTo(202);

            left = CompletableFuture.supplyAsync(own::stop);

            await().untilAsserted(() -> assertThat(
                            json(own.manage("GET", "/health/ready"), 503).getString("status"))
                    .isEqualTo("draining"));
            assertThat(own.manage("GET", "/health/live").statusCode()).isEqualTo(200);
        }
        assertThat(left.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(rows()).isEqualTo(3);
    }

    @Test
    void ready_databaseAway_staysReadyAndTellsWhy() {
        try (FaultyProxy proxy = FaultyProxy.closed(database.port());
                RunningService own = RunningService.start(database.uriThrough(proxy.port()), "flush.interval=10ms")) {
            assertThat(own.post("", writes(1)).statusCode()).isEqualTo(202);

            await().untilAsserted(() -> assertThat(
                            json(own.manage("GET", "/health/ready"), 200).getString("database"))
                    .startsWith("failing: "));
            JsonObject ready = json(own.manage("GET", "/health/ready"), 200);
            assertThat(ready.getString("status")).isEqualTo("serving");
            assertThat(ready.getInteger("pending_keys")).isEqualTo(1);
            assertThat(own.manage("GET", "/health/live").statusCode()).isEqualTo(200);

            proxy.open();

            assertThat(own.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            assertThat(json(own.manage("GET", "/health/ready"), 200).getString("database"))
                    .isEqualTo("ok");
            assertThat(rows()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /health/live, GET",
        "DELETE, /health/ready, GET",
        "FOO, /health/ready, GET",
        "GET, /admin/flush, POST",
        "PUT, /admin/flush, POST",
    })
    void knownPath_wrongMethod_namesTheRightOne(String method, String path, String allowed) {
        HttpResponse<String> answer = service.manage(method, path);

        assertThat(json(answer, 405).getString("reason")).isEqualTo("this path takes " + allowed + " only");
        assertThat(answer.headers().firstValue("allow")).contains(allowed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/nowhere", "/health", "/health/dead", "/admin/flush/now", "/admin/nothing", "/v1/completions"})
    void unknownPath_anyMethod_isNotFound(String path) {
        for (String method : new String[] {"GET", "POST", "DELETE"}) {
            assertThat(json(service.manage(method, path), 404).getString("reason"))
                    .isEqualTo("there is no such path");
        }
    }

    @Test
    void anyPath_brokenPercentEncoding_isRefused() {
        try (RawHttp connection = RawHttp.connect(service.service().managementPort())) {
            for (String path : List.of("/%zz", "/admin/flush%", "/admin/flush?%zz")) {
                int status = connection
                        .send(RawHttp.request("POST", path, ""))
                        .answer()
                        .status();
                assertThat(status).as(path).isIn(200, 400);
            }
        }
    }

    @Test
    void publicPort_managementPaths_areNotThere() {
        assertThat(service.send(HttpRequest.newBuilder(service.uri("/health/live")))
                        .statusCode())
                .isEqualTo(404);
        assertThat(service.send(HttpRequest.newBuilder(service.uri("/admin/flush")))
                        .statusCode())
                .isEqualTo(404);
    }

    /** Returns the JSON object of an answer, having checked status and type. */
    private static JsonObject json(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        return new JsonObject(answer.body());
    }

    private static int rows() {
        return Integer.parseInt(database.value("SELECT COUNT(*) FROM completion_blockcompletion"));
    }

    private static String writes(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(
                        user -> "{\"user_id\":" + user + ",\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":1}")
                .collect(Collectors.joining(",", "[", "]"));
    }
}
