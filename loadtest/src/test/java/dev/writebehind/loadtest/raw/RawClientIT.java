package dev.writebehind.loadtest.raw;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.writebehind.testing.ChildProcess;
import dev.writebehind.testing.JavaCommand;
import dev.writebehind.testing.Patience;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client in a process of its own, before a server that remembers and now and then refuses. */
class RawClientIT {
    private static final int KEYS = 100;

    private final Map<String, String> last = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;

    @TempDir
    private Path directory;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/writes", exchange -> {
            JsonNode body =
                    new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes());
            boolean refused = requests.incrementAndGet() % 7 == 0;
            for (JsonNode write : body.isArray() ? body : List.of(body)) {
                if (!refused) {
                    last.put(
                            write.get("user_id").asText() + "\t"
                                    + write.get("course_key").asText() + "\t"
                                    + write.get("block_key").asText(),
                            String.valueOf(write.get("completion").asDouble()));
                }
            }
            byte[] answer = "{}".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(refused ? 503 : 202, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    @Test
    void outcomes_areWhatTheServerAcknowledged_byTimeAtARateAndOnce() throws Exception {
        for (int array : new int[] {1, 8}) {
            last.clear();
            Path outcomes = directory.resolve(array + ".tsv");
            try (ChildProcess client = start(array, outcomes)) {
                client.awaitReady(Patience.VERY_LONG);
                client.tell("go 1 0");
                client.tell("go 0.5 200");
                client.tell("all 1");
                client.tell("end");
                client.awaitReady(Patience.VERY_LONG);
                awaitEnd(client);
                List<String> told = client.output().stream()
                        .filter(line -> line.contains("units"))
                        .toList();

                assertThat(told).hasSize(3).allMatch(line -> !line.contains("\"units\":0,"));
            }
            Map<String, String> acknowledged = new ConcurrentHashMap<>();
            for (String line : Files.readAllLines(outcomes)) {
                String[] cells = line.split("\t", -1);
                if (!cells[0].equals("end") && !cells[3].equals("-")) {
                    acknowledged.put(String.join("\t", cells[0], cells[1], cells[2]), cells[3]);
                }
            }
            assertThat(acknowledged).isEqualTo(last).hasSizeGreaterThan(KEYS / 2);
        }
    }

    private static void awaitEnd(ChildProcess client) throws InterruptedException {
        long end = System.nanoTime() + Patience.VERY_LONG.toNanos();
        while (client.output().stream().noneMatch(line -> line.contains("\"end\""))) {
            assertThat(client.isAlive()).as(client.lastLines()).isTrue();
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(20);
        }
    }

    private ChildProcess start(int array, Path outcomes) throws IOException {
        return JavaCommand.of(
                        "client",
                        "-cp",
                        "target/classes" + File.pathSeparator + Files.readString(Path.of("target/class-path")),
                        RawClient.class.getName(),
                        "--port",
                        String.valueOf(server.getAddress().getPort()),
                        "--path",
                        "/writes",
                        "--connections",
                        "4",
                        "--array",
                        String.valueOf(array),
                        "--keys",
                        String.valueOf(KEYS),
                        "--outcomes",
                        outcomes.toString())
                .readyAt(Pattern.compile("Ready"))
                .start();
    }
}
