package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.cli.CommandRun;
import dev.writebehind.testing.EmbeddedMariaDb;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestCertificates;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole service as an account that the server lets in encrypted alone. */
class DatabaseTlsServiceIT {
    private static final String COURSE = "course-v1:OpenedX+DemoX+DemoCourse";
    private static final String BLOCK = "block-v1:OpenedX+DemoX+DemoCourse+type@video+block@intro";
    private static final String CIPHERS = "SELECT s.VARIABLE_VALUE FROM performance_schema.threads t"
            + " JOIN performance_schema.status_by_thread s USING (THREAD_ID)"
            + " WHERE s.VARIABLE_NAME = 'Ssl_cipher' AND t.PROCESSLIST_USER = 'sealed'";

    @TempDir
    private Path directory;

    private TestCertificates authority;
    private EmbeddedMariaDb server;
    private TestDatabase database;
    private String uri;

    @BeforeEach
    void start() {
        authority = new TestCertificates(directory, "authority");
        server = start(0, authority.server("server"));
        database = TestDatabase.createOn(server.uri());
        database.execute(
                "CREATE USER sealed@'%' IDENTIFIED BY 'sealed' REQUIRE SSL",
                "GRANT ALL ON " + database.schema() + ".* TO sealed@'%'");
        uri = database.uriAs("sealed");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private EmbeddedMariaDb start(int port, TestCertificates.Pair pair) {
        return EmbeddedMariaDb.start(
                Path.of("target", "mariadb", "server"),
                directory.resolve("server"),
                port,
                "--ssl",
                "--ssl-cert=" + pair.certificate(),
                "--ssl-key=" + pair.key());
    }

    @Test
    void everyConnection_isEncrypted_thoseOfFlushesReadsAndTheLmsAlike() {
        OpenedxTables.createUsers(database, 1);
        OpenedxTables.createEnrolments(database);
        OpenedxTables.enrol(database, 1, COURSE);
        try (RunningService service = RunningService.start(uri, Tokens.openedx("buffer.retain=0s"))) {
            JsonObject batch = new JsonObject()
                    .put("username", "user1")
                    .put("course_key", COURSE)
                    .put("blocks", new JsonObject().put(BLOCK, 0.5));
            HttpResponse<String> answer =
                    service.send(HttpRequest.newBuilder(service.uri("/api/completion/v1/completion-batch"))
                            .header("authorization", "JWT " + Tokens.rs512(Tokens.claims("user1", Instant.now())))
                            .header("content-type", "application/json")
                            .POST(BodyPublishers.ofString(batch.encode())));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            service.flush();

            assertThat(database.rows()).isEqualTo(1);
            assertThat(database.query(CIPHERS))
                    .hasSizeGreaterThanOrEqualTo(2)
                    .allSatisfy(row -> assertThat(row.get(0)).isNotEmpty());
        }
    }

    @Test
    @ShowsEffectOf("database.tls.mode")
    void start_withoutEncryption_isRefused_andSaysWhatToDo() {
        assertThatThrownBy(() -> RunningService.start(uri, "database.tls.mode=disabled"))
                .hasStackTraceContaining("accounts that must use TLS are refused so without it (database.tls.mode)");
    }

    @Test
    void check_printsTheEncryption() {
        assertThat(CommandRun.on(uri, "migrate").output())
                .contains("ok     the connection is encrypted with TLS")
                .contains("serving's own client can log in and prepare the upsert, encrypted with TLS");
    }

    @Test
    @ShowsEffectOf("database.tls.ca")
    void certificateOfAnotherAuthority_isAConditionUntilTheRightOneIsBack() {
        try (RunningService service = RunningService.start(
                uri,
                "database.tls.mode=verify-identity",
                "database.tls.ca=" + authority.ca(),
                "flush.max-backoff=500ms")) {
            server.close();
            server = start(server.port(), new TestCertificates(directory, "foreign").server("server"));

            service.write(1, COURSE, BLOCK, 0.5);

            await().untilAsserted(() -> assertThat(
                            service.manage("GET", "/health/ready").body())
                    .contains("\"name\":\"database-setup\"", "is not by an authority in " + authority.ca()));
            assertThat(service.logged(Level.ERROR)).hasSize(1);

            server.close();
            server = start(server.port(), authority.server("server"));

            await().until(() -> database.rows() == 1);
            assertThat(service.stop()).isZero();
        }
    }
}
