package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Alone;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What single settings do, where no other suite is about them. */
@Alone
class SettingsIT {
    private static final String COURSE = "course-v1:Org+Course+Run";

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    @ShowsEffectOf({"http.host", "http.port"})
    void http_listensThereAlone() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (RunningService service =
                RunningService.start(database.uri(), "http.host=127.0.0.5", "http.port=" + port)) {
            assertThat(service.port()).isEqualTo(port);
            connect(5, port);
            assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(1, port));
        }
    }

    @Test
    @ShowsEffectOf("auth.allow-unauthenticated")
    void modeNone_bindsOtherAddresses_onlyIfToldThatThisIsWanted() throws IOException {
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> RunningService.start(database.uri(), "http.host=0.0.0.0")
                        .close())
                .withMessageContaining("auth.allow-unauthenticated");
        try (RunningService service =
                RunningService.start(database.uri(), "http.host=0.0.0.0", "auth.allow-unauthenticated=true")) {
            connect(9, service.port());
            assertThat(service.post("", Bodies.write(1, 1)).statusCode()).isEqualTo(202);
        }
    }

    @Test
    @ShowsEffectOf("ingest.max-writes")
    void maxWrites_isTheMostInARequest() {
        try (RunningService service = RunningService.start(database.uri(), "ingest.max-writes=3")) {
            assertThat(service.post("", writes(3)).statusCode()).isEqualTo(202);
            HttpResponse<String> refused = service.post("", writes(4));
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("3");
        }
    }

    @Test
    @ShowsEffectOf("journal.segment-size")
    void segmentSize_isWhereANewFileBegins() {
        try (RunningService service =
                RunningService.start(database.uri(), "journal.segment-size=64KiB", "flush.interval=1h")) {
            for (int user = 1; user <= 4; user++) {
                int own = user;
                String body = Bodies.array(IntStream.range(0, 500).mapToObj(i -> Bodies.write(own, "b" + i, 1)));
                assertThat(service.post("", body).statusCode()).isEqualTo(202);
            }
            JsonObject journal = status(service).getJsonObject("journal");
            assertThat(journal.getInteger("segments")).isGreaterThan(1);
        }
    }

    @Test
    @ShowsEffectOf("buffer.max-bytes")
    void maxBytes_isTheMostThatWaits() {
        try (RunningService service =
                RunningService.start(database.uri(), "buffer.max-bytes=20KiB", "flush.interval=1h")) {
            int taken = 0;
            while (service.post("", Bodies.write(1, "b" + taken, 1)).statusCode() == 202) {
                taken++;
                assertThat(taken).isLessThan(500);
            }
            assertThat(taken).isGreaterThan(5);
            service.flush();
            assertThat(service.post("", Bodies.write(1, "b" + taken, 1)).statusCode())
                    .isEqualTo(202);
        }
    }

    @Test
    @ShowsEffectOf("buffer.retain")
    void retain_isForHowLongReadsAreAnsweredFromMemory() {
        for (String retain : new String[] {"1h", "0s"}) {
            try (RunningService service =
                    RunningService.start(database.uri(), "flush.interval=20ms", "buffer.retain=" + retain)) {
                service.write(1, "c", "b", 0.5);
                service.flush();
                assertThat(service.read(1, "c").getJsonArray("completions")).hasSize(1);
                database.execute("DELETE FROM completion_blockcompletion");
                assertThat(service.read(1, "c").getJsonArray("completions")).hasSize(retain.equals("1h") ? 1 : 0);
            }
        }
    }

    @Test
    @ShowsEffectOf("flush.batch-size")
    void batchSize_isTheMostOfATransaction() {
        try (RunningService service =
                RunningService.start(database.uri(), "flush.interval=1h", "flush.lanes=1", "flush.batch-size=100")) {
            service.post("", writes(250));
            service.flush();
            assertThat(service.service().flushStats().batches()).isEqualTo(3);
            assertThat(database.rows()).isEqualTo(250);
        }
    }

    @Test
    @ShowsEffectOf("flush.threshold")
    void threshold_isWhatStartsAFlush() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h", "flush.threshold=10")) {
            service.post("", writes(9));
            await().during(Duration.ofMillis(500)).until(() -> database.rows() == 0);
            service.write(2, "c", "b", 1);
            await().until(() -> database.rows() == 10);
        }
    }

    @Test
    @ShowsEffectOf({"database.uri", "database.timeout"})
    void databaseTimeout_isForHowLongASilentServerIsWaitedFor() {
        for (String timeout : new String[] {"1500ms", "30s"}) {
            try (FaultyProxy proxy = new FaultyProxy(database.port());
                    RunningService service = RunningService.start(
                            database.uriThrough(proxy.port()),
                            "flush.interval=20ms",
                            "buffer.retain=0s",
                            "database.timeout=" + timeout)) {
                service.write(1, "c", "b", 1);
                service.flush();
                proxy.set(FaultyProxy.Mode.DELAY);
                service.write(1, "c", "b", 0.5);
                if (timeout.equals("1500ms")) {
                    await().until(() -> isFailing(service));
                } else {
                    await().failFast("it is waited for", () -> isFailing(service))
                            .until(() -> database.value("SELECT completion FROM completion_blockcompletion")
                                    .equals("0.5"));
                }
                proxy.set(FaultyProxy.Mode.PASS);
                service.flush();
            }
        }
    }

    @Test
    @ShowsEffectOf({
        "openedx.enabled",
        "openedx.tracking-switch",
        "openedx.tables.user.table",
        "openedx.tables.user.id",
        "openedx.tables.user.username",
        "openedx.tables.user.is-staff",
        "openedx.tables.user.password",
        "openedx.tables.enrolment.table",
        "openedx.tables.enrolment.user-id",
        "openedx.tables.enrolment.course-id",
        "openedx.tables.enrolment.is-active",
        "openedx.tables.waffle.table",
        "openedx.tables.waffle.name",
        "openedx.tables.waffle.active",
        "openedx.tables.access-token.table",
        "openedx.tables.access-token.token",
        "openedx.tables.access-token.expires",
        "openedx.tables.access-token.user-id",
        "openedx.tables.application.table",
        "openedx.tables.application.user-id"
    })
    void lmsTables_mayAllHaveOtherNames() {
        database.execute(
                "CREATE TABLE people (n INT PRIMARY KEY, login VARCHAR(150) UNIQUE, team TINYINT(1),"
                        + " secret VARCHAR(128))",
                "CREATE TABLE classes (id INT AUTO_INCREMENT PRIMARY KEY, who INT, what VARCHAR(255),"
                        + " still TINYINT(1))",
                "CREATE TABLE flags (id INT AUTO_INCREMENT PRIMARY KEY, label VARCHAR(100), is_on TINYINT(1))",
                "CREATE TABLE passes (id INT AUTO_INCREMENT PRIMARY KEY, pass VARCHAR(255) UNIQUE,"
                        + " until_when DATETIME(6), bearer INT)",
                "CREATE TABLE apps (id INT AUTO_INCREMENT PRIMARY KEY, owner INT)",
                "INSERT INTO people VALUES (1, 'ada', 0, 'pbkdf2_sha256$x'), (2, 'staff', 1, 'pbkdf2_sha256$x'),"
                        + " (3, 'gone', 0, '!x')",
                "INSERT INTO classes (who, what, still) VALUES (1, '" + COURSE + "', 1), (2, '" + COURSE + "', 0)",
                "INSERT INTO flags (label, is_on) VALUES ('ours', 1)",
                "INSERT INTO passes (pass, until_when, bearer) VALUES ('pass-of-ada', '2040-01-01', 1),"
                        + " ('pass-of-old', '2001-01-01', 1), ('pass-of-gone', '2040-01-01', 3),"
                        + " ('pass-of-staff', '2040-01-01', 2)");
        try (RunningService service = RunningService.start(
                database.uri(),
                Tokens.openedx(
                        "flush.interval=20ms",
                        "openedx.opaque-tokens=true",
                        "openedx.cache-ttl=0s",
                        "openedx.tracking-switch=ours",
                        "openedx.tables.user.table=people",
                        "openedx.tables.user.id=n",
                        "openedx.tables.user.username=login",
                        "openedx.tables.user.is-staff=team",
                        "openedx.tables.user.password=secret",
                        "openedx.tables.enrolment.table=classes",
                        "openedx.tables.enrolment.user-id=who",
                        "openedx.tables.enrolment.course-id=what",
                        "openedx.tables.enrolment.is-active=still",
                        "openedx.tables.waffle.table=flags",
                        "openedx.tables.waffle.name=label",
                        "openedx.tables.waffle.active=is_on",
                        "openedx.tables.access-token.table=passes",
                        "openedx.tables.access-token.token=pass",
                        "openedx.tables.access-token.expires=until_when",
                        "openedx.tables.access-token.user-id=bearer",
                        "openedx.tables.application.table=apps",
                        "openedx.tables.application.user-id=owner"))) {
            assertThat(batch(service, jwt("ada"), "ada")).isEqualTo(200);
            assertThat(batch(service, "Bearer pass-of-ada", "ada")).isEqualTo(200);
            assertThat(batch(service, "Bearer pass-of-old", "ada")).isEqualTo(401);
            assertThat(batch(service, "Bearer pass-of-gone", "gone")).isEqualTo(401);
            assertThat(batch(service, "Bearer pass-of-staff", "ada"))
                    .as("staff may")
                    .isEqualTo(200);
            assertThat(batch(service, "Bearer pass-of-staff", "staff"))
                    .as("not active")
                    .isEqualTo(400);
            assertThat(batch(service, "Bearer pass-of-ada", "staff"))
                    .as("no staff")
                    .isEqualTo(403);
            await().until(() -> database.rows() == 1);
            database.execute("UPDATE flags SET is_on = 0");
            assertThat(batch(service, jwt("ada"), "ada")).as("switched off").isEqualTo(400);
        }
        try (RunningService without = RunningService.start(database.uri())) {
            assertThat(batch(without, jwt("ada"), "ada")).isEqualTo(404);
        }
    }

    @Test
    @ShowsEffectOf("openedx.cache-entries")
    void cacheEntries_isHowManyAreRemembered() {
        OpenedxTables.createUsers(database, 40);
        OpenedxTables.createEnrolments(database);
        IntStream.rangeClosed(1, 40).forEach(user -> OpenedxTables.enrol(database, user, COURSE));
        assertThat(questionsOfASecondRound("1000")).isZero();
        assertThat(questionsOfASecondRound("2")).isGreaterThan(30);
    }

    private long questionsOfASecondRound(String entries) {
        try (RunningService service = RunningService.start(
                database.uri(),
                Tokens.openedx("flush.interval=1h", "openedx.cache-ttl=1h", "openedx.cache-entries=" + entries))) {
            IntStream.rangeClosed(1, 40)
                    .forEach(user -> assertThat(batch(service, jwt("user" + user), "user" + user))
                            .isEqualTo(200));
            long before = database.globalStatus().get("Com_stmt_execute");
            IntStream.rangeClosed(1, 40)
                    .forEach(user -> assertThat(batch(service, jwt("user" + user), "user" + user))
                            .isEqualTo(200));
            return database.globalStatus().get("Com_stmt_execute") - before;
        }
    }

    private static void connect(int lastByte, int port) throws IOException {
        InetAddress address = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) lastByte});
        new Socket(address, port).close();
    }

    private static int batch(RunningService service, String authorization, String username) {
        String body = new JsonObject()
                .put("username", username)
                .put("course_key", COURSE)
                .put("blocks", new JsonObject().put("block-v1:Org+Course+Run+type@html+block@b", 1.0))
                .encode();
        return service.send(HttpRequest.newBuilder(service.uri("/api/completion/v1/completion-batch"))
                        .header("authorization", authorization)
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString(body)))
                .statusCode();
    }

    private static String jwt(String user) {
        return "JWT " + Tokens.rs512(Tokens.claims(user, Instant.now()));
    }

    private static JsonObject status(RunningService service) {
        return new JsonObject(service.manage("GET", "/admin/status").body());
    }

    private static boolean isFailing(RunningService service) {
        return status(service).getJsonObject("flushing").getString("failure") != null;
    }

    private static String writes(int count) {
        return Bodies.array(IntStream.range(0, count).mapToObj(i -> Bodies.write(1, "b" + i, 1)));
    }
}
