package dev.writebehind.loadtest.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server that keeps nothing, in a process of its own. */
class BareServerIT {
    @Test
    void post_isAnsweredAsTheServiceDoes_untilTerminated() throws Exception {
        try (MeasuredProcess server = MeasuredProcess.start(BareServer.class)) {
            String write = Bodies.write(1, 1);

            HttpResponse<String> response =
                    server.post("[" + write + "," + write + "]").join();

            assertThat(response.statusCode()).isEqualTo(202);
            assertThat(response.headers().firstValue("content-type")).contains("application/json");
            assertThat(response.body()).isEqualTo("{\"accepted\":2,\"ack\":\"memory\"}");
            assertThat(server.post("[1]").join().statusCode()).isEqualTo(400);
            server.terminate();
            assertThat(server.exitCode()).isZero();
            assertThat(server.output()).singleElement().asString().matches("Listening on http://127\\.0\\.0\\.1:\\d+");
        }
    }

    @Test
    void post_withAJournal_isAnsweredByEitherEventLoop(@TempDir Path directory) throws Exception {
        try (MeasuredProcess server = MeasuredProcess.start(
                BareServer.class,
                "--keep",
                "--journal",
                directory.resolve("journal").toString())) {
            String body = "[" + Bodies.write(1, 1) + "," + Bodies.write(2, 1) + "]";
            List<CompletableFuture<HttpResponse<String>>> answers =
                    Stream.generate(() -> server.post(body)).limit(50).toList();

            assertThat(answers)
                    .allSatisfy(answer ->
                            assertThat(answer.join().body()).isEqualTo("{\"accepted\":2,\"ack\":\"journal\"}"));
            assertThat(directory.resolve("journal")).isDirectoryContaining(Files::isRegularFile);
            server.terminate();
            assertThat(server.exitCode()).isZero();
        }
    }

    @Test
    void start_wrongArguments_endsWithAMessage() throws Exception {
        try (MeasuredProcess server = MeasuredProcess.start(BareServer.class, "--prt", "1")) {
            assertThat(server.exitCode()).isEqualTo(2);
            assertThat(server.output().get(0)).contains("--prt");
        }
    }
}
