package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the management port tells whoever supervises the service, and what it does for them. */
class ManagementIT {
    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.with("flush.interval=1h");

    private final TestDatabase database = suite.database();
    private final RunningService service = suite.service();

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
                        .put("conditions", new JsonArray())
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
            JsonObject ready = json(service.manage("GET", "/health/ready"), 200);
            assertThat(ready.getString("flushing")).isEqualTo("paused");
            assertThat(conditions(ready)).containsExactly("flushing-paused");
            assertThat(metric("writebehind_flush_paused")).isEqualTo(1);
            assertThat(metric("writebehind_pending_keys")).isEqualTo(3);
            assertThat(database.rows()).isZero();
        } finally {
            assertThat(json(service.manage("POST", "/admin/resume"), 200).getString("status"))
                    .isEqualTo("resumed");
        }
        await().until(() -> database.rows() == 3);
        assertThat(metric("writebehind_flush_paused")).isZero();
        JsonObject ready = json(service.manage("GET", "/health/ready"), 200);
        assertThat(ready.getString("flushing")).isEqualTo("on");
        assertThat(conditions(ready)).isEmpty();
    }

    @Test
    void pause_flushUnderWay_answersOnlyWhenItHasEnded() throws Exception {
        try (RunningService own = RunningService.start(database.uri(), "flush.interval=20ms", "database.timeout=2m");
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
            assertThat(paused.get(2, TimeUnit.MINUTES).statusCode()).isEqualTo(200);
            assertThat(database.rows()).isEqualTo(2);
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

    private double metric(String name) {
        return metric(service.manage("GET", "/metrics"), name);
    }

    private static double metric(HttpResponse<String> answer, String name) {
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

        assertThat(database.rows()).isEqualTo(5_000);
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
        assertThat(json(answer.get(2, TimeUnit.MINUTES), 200).getString("status"))
                .isEqualTo("flushed");
        assertThat(database.rows()).isEqualTo(3);
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
        assertThat(left.get(2, TimeUnit.MINUTES)).isZero();
        assertThat(database.rows()).isEqualTo(3);
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
            assertThat(conditions(ready)).containsExactly("table-not-prepared");
            assertThat(own.manage("GET", "/health/live").statusCode()).isEqualTo(200);

            proxy.open();

            assertThat(own.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            assertThat(json(own.manage("GET", "/health/ready"), 200).getString("database"))
                    .isEqualTo("ok");
            assertThat(database.rows()).isEqualTo(1);

            assertTellsOfAnOutageAndOfItsEnd(own, proxy);
        }
    }

    private static void assertTellsOfAnOutageAndOfItsEnd(RunningService own, FaultyProxy proxy) {
        String gauge = "writebehind_condition{name=\"database-unavailable\"}";
        Instant before = Instant.now();
        assertThat(conditions(json(own.manage("GET", "/health/ready"), 200))).isEmpty();
        assertThat(metric(own.manage("GET", "/metrics"), gauge)).isZero();

        proxy.set(FaultyProxy.Mode.REFUSE);
        assertThat(own.post("", writes(2)).statusCode()).isEqualTo(202);
        await().until(() -> metric(own.manage("GET", "/metrics"), gauge) == 1);
        JsonObject condition = json(own.manage("GET", "/health/ready"), 200)
                .getJsonArray("conditions")
                .getJsonObject(0);
        assertThat(condition.getString("name")).isEqualTo("database-unavailable");
        assertThat(Instant.parse(condition.getString("since"))).isBetween(before.minusSeconds(1), Instant.now());
        assertThat(condition.getString("cause")).isNotBlank();
        assertThat(condition.getString("action")).contains("Look at the database");

        proxy.set(FaultyProxy.Mode.PASS);
        assertThat(own.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
        assertThat(conditions(json(own.manage("GET", "/health/ready"), 200))).isEmpty();
        assertThat(metric(own.manage("GET", "/metrics"), gauge)).isZero();
        assertThat(own.logged(Level.INFO))
                .filteredOn(line -> line.contains("database-unavailable"))
                .as("one line at its beginning, one at its end")
                .hasSize(2);
    }

    private static List<String> conditions(JsonObject ready) {
        return ready.getJsonArray("conditions").stream()
                .map(condition -> ((JsonObject) condition).getString("name"))
                .toList();
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

    @ParameterizedTest
    @CsvSource({"CONNECT, localhost:80, 400", "OPTIONS, *, 404", "GET, *, 400", "GET, health/live, 400"})
    void anotherFormOfTarget_isRefusedWithAReason(String method, String target, int status) {
        try (RawHttp connection = RawHttp.connect(service.service().managementPort())) {
            RawHttp.Answer answer =
                    connection.send(RawHttp.request(method, target, "")).answer();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(new JsonObject(answer.body()).getString("reason")).isNotBlank();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready", "/metrics"})
    void reading_withHead_isAnsweredAsGetWithoutBody(String path) {
        HttpResponse<String> get = service.manage("GET", path);
        HttpResponse<String> head = service.manage("HEAD", path);

        assertThat(head.statusCode()).isEqualTo(get.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("content-type"))
                .isEqualTo(get.headers().firstValue("content-type"));
        assertThat(head.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%00",
                "%2e%2e",
                "1%00",
                "x",
                "-1",
                "12345678901234567890",
                "0000000000000000001",
                "9999999999999999999",
                "1;x",
                "1.json"
            })
    void deadLetter_idThatCanBeNone_isNotFound(String id) {
        assertThat(json(service.manage("POST", "/admin/dead-letters/" + id + "/retry"), 404)
                        .getString("reason"))
                .startsWith("there is no ");
        assertThat(json(service.manage("DELETE", "/admin/dead-letters/" + id), 404)
                        .getString("reason"))
                .startsWith("there is no ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//admin/resume",
                "/admin//resume",
                "/admin/resume/",
                "/admin/./resume",
                "/health/../admin/resume",
                "/%61dmin/resume",
                "/health/live/../../admin/resume"
            })
    void anotherSpellingOfAPath_isNotFound(String path) {
        try (RawHttp connection = RawHttp.connect(service.service().managementPort())) {
            assertThat(connection
                            .send(RawHttp.request("POST", path, ""))
                            .answer()
                            .status())
                    .isEqualTo(404);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "origin: http://evil.example",
                "origin: http://evil.example:8081",
                "origin: http://localhost:3000",
                "origin: http://localhost",
                "origin: null",
                "sec-fetch-site: cross-site",
                "sec-fetch-site: same-site",
            })
    void admin_askedByAPageOfAnotherSite_isRefused(String header) {
        for (String[] call : ADMIN) {
            assertThat(manageRaw(service, call[0], call[1], "host: localhost:8081", header))
                    .as("%s %s", call[0], call[1])
                    .isEqualTo(403);
        }
        assertThat(json(service.manage("GET", "/health/ready"), 200).getString("flushing"))
                .isEqualTo("on");
    }

    private static final List<String[]> ADMIN = List.of(
            new String[] {"POST", "/admin/pause"},
            new String[] {"POST", "/admin/flush"},
            new String[] {"GET", "/admin/dead-letters"},
            new String[] {"POST", "/admin/dead-letters/1/retry"},
            new String[] {"DELETE", "/admin/dead-letters/1"});

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:8081",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "10.0.0.1:8081",
                "[2001:db8::1]:8081",
                "0.0.0.0:8081"
            })
    void admin_underANameThatIsNotItsOwn_isRefused(String host) {
        for (String[] call : ADMIN) {
            assertThat(manageRaw(service, call[0], call[1], "host: " + host))
                    .as("%s %s", call[0], call[1])
                    .isEqualTo(403);
        }
        assertThat(manageRaw(service, "GET", "/metrics", "host: " + host)).isEqualTo(403);
        assertThat(manageRaw(service, "GET", "/health/live", "host: " + host)).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:9000", "127.0.0.1:8081", "127.1.2.3", "[::1]:8081", "[::1]", ""})
    void admin_underALoopbackName_isServed(String host) {
        assertThat(manageRaw(service, "POST", "/admin/resume", "host: " + host)).isEqualTo(200);
        assertThat(manageRaw(service, "GET", "/metrics", "host: " + host)).isEqualTo(200);
    }

    @Test
    void admin_askedByItsOwnPageOrByHand_isServed() {
        String host = "host: localhost:8081";
        assertThat(manageRaw(service, "POST", "/admin/resume", host, "origin: http://localhost:8081"))
                .isEqualTo(200);
        assertThat(manageRaw(service, "POST", "/admin/resume", host, "sec-fetch-site: same-origin"))
                .isEqualTo(200);
        assertThat(manageRaw(service, "GET", "/admin/dead-letters", host, "sec-fetch-site: none"))
                .isEqualTo(200);
    }

    @Test
    @ShowsEffectOf({"management.host", "management.hosts"})
    void management_boundToAllAddresses_takesAddressesAndItsOwnNames() {
        String token = "authorization: Bearer a-token-for-management";
        try (RunningService open = RunningService.start(
                database.uri(),
                "management.host=0.0.0.0",
                "management.tokens=a-token-for-management",
                "management.hosts=admin.example,other.example")) {
            for (String host : List.of("10.0.0.1:8081", "[2001:db8::1]:8081", "localhost", "Admin.Example:80")) {
                assertThat(manageRaw(open, "POST", "/admin/resume", "host: " + host, token))
                        .as(host)
                        .isEqualTo(200);
            }
            assertThat(manageRaw(open, "POST", "/admin/resume", "host: evil.example", token))
                    .isEqualTo(403);
            assertThat(manageRaw(open, "POST", "/admin/resume", "host: 10.0.0.1", "origin: http://10.0.0.2", token))
                    .isEqualTo(403);
            for (String path : List.of("/metrics", "/health/live", "/health/ready")) {
                assertThat(manageRaw(open, "GET", path, "host: writebehind:8081", token))
                        .as(path)
                        .isEqualTo(200);
            }
        }
    }

    private static int manageRaw(RunningService running, String method, String path, String... headers) {
        try (RawHttp connection = RawHttp.connect(running.service().managementPort())) {
            return connection
                    .send(method + " " + path + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\n\r\n")
                    .answer()
                    .status();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/%zz, 400",
        "/admin/flush%, 400",
        "/admin/flush?%zz, 400",
        "/admin/flush?a=%c0%af, 400",
        "/admin/dead-letters/%zz/retry, 400",
        "/admin/dead-letters/%ff/retry, 400",
        "/admin/dead-letters/%31/retry, 404",
        "/admin/%66lush, 404",
        "/admin/flush?a=%41, 200"
    })
    void anyPath_percentEncoding_isRefusedWhereItIsBroken_andUnknownInAPath(String target, int status) {
        try (RawHttp connection = RawHttp.connect(service.service().managementPort())) {
            assertThat(connection
                            .send(RawHttp.request("POST", target, ""))
                            .answer()
                            .status())
                    .isEqualTo(status);
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

    private static String writes(int count) {
        return Bodies.array(IntStream.rangeClosed(1, count).mapToObj(user -> Bodies.write(user, 1)));
    }
}
