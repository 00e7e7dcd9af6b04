package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands say of a service that can't be asked, and how they prove who calls. */
class ManagementClientTest {
    private final List<String> tokens = new CopyOnWriteArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"status", "flush", "pause", "resume", "reload", "dead-letters list", "config"})
    void serviceIsAway_everyCommandSaysWhere_withACodeOfItsOwn(String command) throws IOException {
        String line = command + " --management http://127.0.0.1:" + freePort();
        CommandRun run = CommandRun.of(Map.of(), line.split(" ", -1));
        assertThat(run.status()).isEqualTo(4);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("Nothing listens at http://127.0.0.1:", "--management")
                .doesNotContain("\tat ");
    }

    @Test
    void address_comesFromTheSettings_whereAnyAddressMeansThisHost() throws IOException {
        int port = freePort();
        Map<String, String> environment = Map.of(
                "WRITEBEHIND_MANAGEMENT_HOST", "0.0.0.0",
                "WRITEBEHIND_MANAGEMENT_PORT", String.valueOf(port),
                "WRITEBEHIND_MANAGEMENT_TOKENS", "a-token-of-an-operator");
        CommandRun run = CommandRun.of(environment, "status");
        assertThat(run.status()).isEqualTo(4);
        assertThat(run.err()).contains("http://127.0.0.1:" + port);
    }

    @ParameterizedTest
    @CsvSource({
        "0, '', management.port is 0",
        "8081, 'ftp://host', http://host:8081",
        "8081, 'http://', http://host:8081",
        "8081, 'http://a b', http://host:8081",
        "8081, 'http://user:password@host', http://host:8081",
    })
    void address_thatIsNone_isAMistake(String port, String given, String told) {
        Map<String, String> environment = Map.of("WRITEBEHIND_MANAGEMENT_PORT", port);
        CommandRun run = given.isEmpty()
                ? CommandRun.of(environment, "status")
                : CommandRun.of(environment, "status", "--management", given);
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains(told);
    }

    @Test
    void callerIsNotKnown_isToldWhatToGive() throws IOException {
        HttpServer server = answering(401, "{\"reason\":\"no token\"}");
        try {
            CommandRun without = CommandRun.of(Map.of(), "flush", "--management", address(server));
            assertThat(without.status()).isEqualTo(5);
            assertThat(without.err()).contains("--token-file", "WRITEBEHIND_MANAGEMENT_TOKENS");

            CommandRun with = CommandRun.of(
                    Map.of("WRITEBEHIND_MANAGEMENT_TOKENS", "first-token-of-all , second-token-of-all"),
                    "flush",
                    "--management",
                    address(server));
            assertThat(with.status()).isEqualTo(5);
            assertThat(with.err()).contains("does not know this token").doesNotContain("first-token-of-all");
            assertThat(tokens).containsExactly("null", "Bearer first-token-of-all");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void tokenThatCanBeNone_isAMistake_andNotRepeated() {
        CommandRun run = CommandRun.of(
                Map.of("WRITEBEHIND_MANAGEMENT_TOKENS", "\ufeffa-token-of-an-operator"),
                "status",
                "--management",
                "http://127.0.0.1:1");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err())
                .contains("The token in WRITEBEHIND_MANAGEMENT_TOKENS")
                .doesNotContain("a-token-of-an-operator", "\tat ");
    }

    @Test
    void tokenFile_goesBeforeTheVariable(@TempDir Path directory) throws IOException {
        HttpServer server = answering(403, "{\"reason\":\"the Host header names another host\"}");
        Path file = directory.resolve("tokens");
        Files.writeString(file, "# for operators\n\n  a-token-of-a-file \nanother\n");
        try {
            Map<String, String> environment = Map.of("WRITEBEHIND_MANAGEMENT_TOKENS", "first-token-of-all");
            CommandRun run = CommandRun.of(
                    environment, "pause", "--token-file=" + file, "--management=" + address(server) + "/");
            assertThat(run.status()).isEqualTo(5);
            assertThat(run.err()).contains("the Host header names another host");
            assertThat(tokens).containsExactly("Bearer a-token-of-a-file");

            CommandRun missing = CommandRun.of(
                    environment,
                    "pause",
                    "--token-file=" + directory.resolve("none"),
                    "--management=" + address(server));
            assertThat(missing.status()).isEqualTo(2);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void somethingElseAnswers_isNotTakenForTheService() throws IOException {
        HttpServer server = answering(200, "<html>It works</html>");
        try {
            CommandRun run = CommandRun.of(Map.of(), "status", "--management", address(server));
            assertThat(run.status()).isEqualTo(4);
            assertThat(run.err()).contains("is not the management port");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void watch_goesOnWhileTheServiceIsAway_andEndsAsItWasLast() throws IOException {
        CommandRun run = CommandRun.of(Map.of(), "status", "--count", "2", "--management", "127.0.0.1:" + freePort());
        assertThat(run.status()).isEqualTo(4);
        assertThat(run.err().lines()).hasSize(2).allMatch(line -> line.contains("Nothing listens at"));
    }

    private HttpServer answering(int status, String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("authorization")));
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String address(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
