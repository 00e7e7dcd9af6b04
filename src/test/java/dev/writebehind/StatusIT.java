package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state of the service as one object, and as events each second. */
class StatusIT {
    /** After a pause of the machine some come at once. */
    private static final int MAX_SAMPLES = 30;

    private final TestDatabase database = TestDatabase.create();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void status_tellsBoundsEffectAndWhatIsWrong() {
        Instant before = Instant.now();
        try (RunningService service = RunningService.start(
                database.uri(),
                "flush.interval=1h",
                "flush.lanes=3",
                "buffer.max-pending=77",
                "buffer.max-bytes=8MiB")) {
            service.write(1, "c", "a", 0.5);
            service.write(1, "c", "a", 1);
            service.write(1, "c", "b", 1);
            service.manage("POST", "/admin/pause");
            JsonObject status = status(service);

            assertThat(status.getString("phase")).isEqualTo("serving");
            assertThat(status.getBoolean("ready")).isTrue();
            assertThat(Instant.parse(status.getString("started"))).isBefore(before);
            JsonObject pending = status.getJsonObject("pending");
            assertThat(pending.getLong("keys")).isEqualTo(2);
            assertThat(pending.getLong("max_keys")).isEqualTo(77);
            assertThat(pending.getLong("bytes")).isPositive();
            assertThat(pending.getLong("max_bytes")).isEqualTo(8 << 20);
            await().until(() -> status(service).getJsonObject("pending").getDouble("oldest_seconds") > 0.2);
            assertThat(status.getJsonObject("flushing"))
                    .isEqualTo(new JsonObject()
                            .put("paused", true)
                            .put("failure", null)
                            .put("interval_ms", 3_600_000)
                            .put("lanes", 3));
            assertThat(status.getJsonObject("journal").getLong("bytes")).isPositive();
            assertThat(status.getJsonArray("conditions").getJsonObject(0).getString("name"))
                    .isEqualTo("flushing-paused");
            assertThat(status.getJsonObject("settings"))
                    .isEqualTo(new JsonObject().put("refused", null).put("awaiting_restart", new JsonArray()));

            service.manage("POST", "/admin/resume");
            service.flush();
            assertThat(status(service).getJsonObject("effect"))
                    .isEqualTo(new JsonObject()
                            .put("accepted_writes", 3)
                            .put("coalesced_writes", 1)
                            .put("rows_changed", 2)
                            .put("statements", 1));
            assertThat(texts(status(service)))
                    .containsSubsequence(
                            "Flushing was resumed (asked for by Java-http-client at 127.0.0.1)",
                            "Flushing was paused (asked for by Java-http-client at 127.0.0.1)",
                            "The service is serving");
        }
    }

    @Test
    void status_settingsThatAreWrong_namesTheReason_andWhatWaitsForTheNextStart() throws IOException {
        Path file = directory.resolve("writebehind.yaml");
        Files.writeString(file, "flush:\n  interval: 20ms\n");
        try (RunningService service = RunningService.startWith(file, database.uri())) {
            Files.writeString(file, "flush:\n  interval: soon\n");
            service.manage("POST", "/admin/reload");
            assertThat(status(service).getJsonObject("settings").getString("refused"))
                    .contains("flush.interval");
            Files.writeString(file, "flush:\n  interval: 30ms\nopenedx:\n  tracking-switch: other\n");
            service.manage("POST", "/admin/reload");
            assertThat(status(service).getJsonObject("settings"))
                    .isEqualTo(new JsonObject()
                            .put("refused", null)
                            .put("awaiting_restart", new JsonArray().add("openedx.tracking-switch")));
            assertThat(texts(status(service)))
                    .anyMatch(text -> text.contains("flush.interval 20ms → 30ms"))
                    .anyMatch(text -> text.contains("(settings-refused lasted "))
                    .anyMatch(text -> text.contains("openedx.tracking-switch"));
        }
    }

    @Test
    void events_tellThePastAtOnce_andThenEachSecond() throws Exception {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms")) {
            service.write(1, "c", "b", 1);
            service.flush();
            await().until(() -> {
                JsonObject history = history(service);
                JsonArray samples = history.getJsonArray("samples");
                return samples.size() >= 2 && tellsOfAFlush(history, samples.getJsonArray(samples.size() - 1));
            });
            try (BufferedReader events = open(service, 200)) {
                JsonObject history = new JsonObject(next(events, "history"));
                JsonArray last = history.getJsonArray("samples")
                        .getJsonArray(history.getJsonArray("samples").size() - 1);
                assertThat(column(history, last, "accepted")).isEqualTo(1);
                assertThat(column(history, last, "rows")).isEqualTo(1);
                assertThat(column(history, last, "flushes")).isPositive();
                assertThat(column(history, last, "flush_nanos")).isPositive();
                assertThat(column(history, last, "syncs")).isPositive();
                assertThat(column(history, last, "interval_seconds")).isEqualTo(0.02);
                assertThat(new JsonObject(next(events, "status")).getString("phase"))
                        .isEqualTo("serving");
                List<Double> times = new ArrayList<>();
                do {
                    times.add(column(history, new JsonArray(next(events, "sample")), "at"));
                } while (times.size() < 3 || (!areSecondsApart(times) && times.size() < MAX_SAMPLES));
                assertThat(times).isSorted();
                assertThat(areSecondsApart(times)).as("the last of %s", times).isTrue();
                assertThat(new JsonObject(next(events, "status"))
                                .getJsonObject("pending")
                                .getLong("keys"))
                        .isZero();
            }
        }
    }

    @Test
    void events_moreReadersThanThereIsRoomFor_areRefused_untilOthersLeave() throws Exception {
        try (RunningService service = RunningService.start(database.uri())) {
            List<BufferedReader> readers = new ArrayList<>();
            try {
                for (int i = 0; i < 32; i++) {
                    readers.add(open(service, 200));
                }
                open(service, 503).close();
            } finally {
                for (BufferedReader reader : readers) {
                    reader.close();
                }
            }
            await().until(() -> get(service).statusCode() == 200);
        }
    }

    @Test
    void page_mayBeComeToByALink_butNothingElse_andHeadersKeepOthersOut() throws Exception {
        try (RunningService service = RunningService.start(database.uri())) {
            String host = "host: 127.0.0.1:" + service.managementUri("/").getPort();
            String site = "sec-fetch-site: cross-site";
            String linked = "sec-fetch-mode: navigate";
            assertThat(raw(service, "GET", "/", host, site, linked)).isEqualTo(200);
            assertThat(raw(service, "GET", "/", host, site, "sec-fetch-mode: no-cors"))
                    .isEqualTo(403);
            assertThat(raw(service, "GET", "/", "host: evil.example", site, linked))
                    .isEqualTo(403);
            for (String other : List.of("/admin/status", "/admin/events", "/metrics", "/dashboard/dashboard.js")) {
                assertThat(raw(service, "GET", other, host, site, linked))
                        .as(other)
                        .isEqualTo(403);
            }
            assertThat(raw(service, "POST", "/admin/pause", host, site, linked)).isEqualTo(403);

            for (String path : List.of("/", "/dashboard/dashboard.js", "/dashboard/uplot.js")) {
                HttpResponse<String> file = service.manage("GET", path);
                assertThat(file.statusCode()).isEqualTo(200);
                assertThat(file.headers().firstValue("content-security-policy").orElseThrow())
                        .contains("default-src 'none'", "frame-ancestors 'none'")
                        .doesNotContain("unsafe");
                assertThat(file.headers().firstValue("x-content-type-options")).hasValue("nosniff");
                String tag = file.headers().firstValue("etag").orElseThrow();
                HttpResponse<String> again = service.send(
                        HttpRequest.newBuilder(service.managementUri(path)).header("if-none-match", tag));
                assertThat(again.statusCode()).isEqualTo(304);
                HttpResponse<String> head = service.manage("HEAD", path);
                assertThat(head.headers().firstValue("content-length"))
                        .hasValue(Integer.toString(file.body().getBytes(StandardCharsets.UTF_8).length));
                assertThat(service.manage("POST", path).statusCode()).isEqualTo(405);
            }
        }
    }

    private static int raw(RunningService service, String method, String path, String... headers) {
        try (RawHttp connection = RawHttp.connect(service.managementUri("/").getPort())) {
            return connection
                    .send(method + " " + path + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\n\r\n")
                    .answer()
                    .status();
        }
    }

    private static JsonObject status(RunningService service) {
        HttpResponse<String> answer = service.manage("GET", "/admin/status");
        assertThat(answer.statusCode()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static List<String> texts(JsonObject status) {
        return status.getJsonArray("recent").stream()
                .map(event -> ((JsonObject) event).getString("text"))
                .toList();
    }

    private static boolean tellsOfAFlush(JsonObject history, JsonArray sample) {
        return Stream.of("rows", "flushes", "flush_nanos", "syncs").allMatch(name -> column(history, sample, name) > 0);
    }

    private static boolean areSecondsApart(List<Double> times) {
        int last = times.size() - 1;
        double millis = times.get(last) - times.get(last - 2);
        return millis > 1_500 && millis < 10_000;
    }

    private static double column(JsonObject history, JsonArray sample, String name) {
        return sample.getDouble(history.getJsonArray("columns").getList().indexOf(name));
    }

    private JsonObject history(RunningService service) throws Exception {
        try (BufferedReader events = open(service, 200)) {
            return new JsonObject(next(events, "history"));
        }
    }

    private BufferedReader open(RunningService service, int status) throws Exception {
        HttpResponse<InputStream> answer = get(service);
        assertThat(answer.statusCode()).isEqualTo(status);
        return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    private HttpResponse<InputStream> get(RunningService service) throws Exception {
        return http.send(
                HttpRequest.newBuilder(service.managementUri("/admin/events"))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                BodyHandlers.ofInputStream());
    }

    private static String next(BufferedReader events, String name) throws IOException {
        for (String line = events.readLine(); line != null; line = events.readLine()) {
            if (line.equals("event: " + name)) {
                return events.readLine().substring("data: ".length());
            }
        }
        throw new AssertionError("the events have ended");
    }
}
