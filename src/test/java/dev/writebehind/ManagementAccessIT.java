package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may come to the management port, and how many and how much to the public one. */
class ManagementAccessIT {
    private static final String TOKEN = "a-token-for-management";
    private static final String WRITE = Bodies.write(
            1, "course-v1:OpenedX+DemoX+DemoCourse", "block-v1:OpenedX+DemoX+DemoCourse+type@video+block@intro", 0.5);

    @TempDir
    private Path directory;

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void drop() {
        database.close();
    }

    private static HttpResponse<String> ask(RunningService service, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + service.service().managementPort() + path));
        return service.send(headers.length == 0 ? request : request.headers(headers));
    }

    @Test
    @ShowsEffectOf("management.tokens")
    void path_withTokens_needsOne() {
        try (RunningService service = RunningService.start(database.uri(), "management.tokens=" + TOKEN)) {
            for (String path : List.of(
                    "/metrics",
                    "/admin/config",
                    "/admin/dead-letters",
                    "/nothing",
                    "/dashboard",
                    "/healthy",
                    "/openapi.yaml")) {
                needsAToken(service, path);
            }
        }
    }

    private static void needsAToken(RunningService service, String path) {
        List<String> bodies = new ArrayList<>();
        for (String shown : List.of("Bearer another-token-than-that", "Bearer", "Basic " + TOKEN, TOKEN)) {
            HttpResponse<String> refused = ask(service, path, "authorization", shown);
            assertThat(refused.statusCode()).as("%s, %s", path, shown).isEqualTo(401);
            assertThat(refused.headers().firstValue("www-authenticate")).contains("Bearer");
            bodies.add(refused.body());
        }
        bodies.add(ask(service, path).body());

        assertThat(bodies).as("no hint which part was wrong").containsOnly(bodies.get(0));
        assertThat(ask(service, path, "authorization", "bearer " + TOKEN).statusCode())
                .as(path)
                .isNotEqualTo(401);
    }

    @Test
    void healthAndThePagesThemselves_needNone_andPagesOfOtherSitesStayOut() {
        try (RunningService service = RunningService.start(database.uri(), "management.tokens=" + TOKEN)) {
            assertThat(ask(service, "/health/live").statusCode()).isEqualTo(200);
            assertThat(ask(service, "/health/ready").statusCode()).isEqualTo(200);
            assertThat(ask(service, "/").statusCode()).isNotEqualTo(401);
            assertThat(ask(service, "/dashboard/app.js").statusCode()).isNotEqualTo(401);
            assertThat(ask(service, "/admin/config", "authorization", "Bearer " + TOKEN, "origin", "https://evil.test")
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    /** Whatever the router would make of them. */
    @Test
    void path_spelledAsOneThatNeedsNone_doesNotLeadPastTheToken() throws IOException {
        try (RunningService service = RunningService.start(database.uri(), "management.tokens=" + TOKEN)) {
            for (String target : List.of(
                    "/health/../admin/status",
                    "/health/%2e%2e/admin/status",
                    "/health/%2E%2E%2fadmin/status",
                    "/dashboard/../admin/status",
                    "/dashboard/..;/admin/status",
                    "//admin/status",
                    "/./admin/status",
                    "/health//../../admin/status")) {
                try (RawHttp connection =
                        RawHttp.connect(service.managementUri("/").getPort())) {
                    assertThat(connection
                                    .send("GET " + target + " HTTP/1.1\r\nhost: localhost\r\n\r\n")
                                    .answer()
                                    .status())
                            .as(target)
                            .isIn(400, 401, 404);
                }
            }
        }
    }

    @Test
    @ShowsEffectOf("management.tokens-file")
    void tokensFile_isReadAgain() throws IOException {
        Path file = Files.writeString(directory.resolve("tokens"), "# nobody yet\n" + TOKEN + "\n");
        try (RunningService service = RunningService.start(database.uri(), "management.tokens-file=" + file)) {
            assertThat(ask(service, "/metrics", "authorization", "Bearer " + TOKEN)
                            .statusCode())
                    .isEqualTo(200);

            Files.writeString(file, "quite-another-token\n");

            await().until(() -> ask(service, "/metrics", "authorization", "Bearer quite-another-token")
                            .statusCode()
                    == 200);
            assertThat(ask(service, "/metrics", "authorization", "Bearer " + TOKEN)
                            .statusCode())
                    .isEqualTo(401);

            Files.writeString(file, "short\n");

            await().until(() -> ask(service, "/health/ready").body().contains("management-tokens-unreadable"));
            assertThat(ask(service, "/metrics", "authorization", "Bearer quite-another-token")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void start_onAnAddressThatOthersReach_needsATokenAndSaysSo() {
        assertThatThrownBy(() -> RunningService.start(database.uri(), "management.host=0.0.0.0"))
                .hasMessageContaining("management.host is 0.0.0.0")
                .hasMessageContaining("WRITEBEHIND_MANAGEMENT_TOKENS");
    }

    @ParameterizedTest
    @CsvSource({"11264, 16KiB, 202", "15000, 16KiB, 202", "17000, 16KiB, 431", "17000, 32KiB, 202"})
    @ShowsEffectOf("http.max-header")
    void headers_upToTheBound_areTaken(int cookie, String bound, int status) {
        try (RunningService service = RunningService.start(database.uri(), "http.max-header=" + bound)) {
            assertThat(service.send(HttpRequest.newBuilder(service.uri("/v1/completions"))
                                    .header("content-type", "application/json")
                                    .header("cookie", "a=" + "c".repeat(cookie))
                                    .POST(BodyPublishers.ofString(WRITE)))
                            .statusCode())
                    .isEqualTo(status);
        }
    }

    @Test
    @ShowsEffectOf("http.max-connections")
    void connections_beyondTheBound_areClosedAtOnce_andTheLogIsToldOnce() throws IOException {
        try (RunningService service = RunningService.start(database.uri(), "http.max-connections=10")) {
            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port());
                open.add(socket);
            }
            await().until(() -> service.manage("GET", "/metrics").body().contains("writebehind_http_connections 10.0"));
            for (int i = 0; i < 3; i++) {
                try (Socket further = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
                    further.setSoTimeout(Math.toIntExact(Patience.LONG.toMillis()));
                    assertThat(further.getInputStream().read()).isEqualTo(-1);
                }
            }
            assertThat(service.manage("GET", "/metrics").body())
                    .contains("writebehind_http_connections_refused_total 3.0", "writebehind_http_connections 10.0");
            assertThat(service.logged(Level.WARN))
                    .filteredOn(line -> line.contains("http.max-connections"))
                    .hasSize(1);

            for (Socket socket : open) {
                socket.close();
            }
            await().until(() -> service.manage("GET", "/metrics").body().contains("writebehind_http_connections 0.0"));
            assertThat(service.post("", WRITE).statusCode()).isEqualTo(202);
            assertThat(service.logged(Level.INFO)).anyMatch(line -> line.contains("There is room for connections"));
        }
    }
}
