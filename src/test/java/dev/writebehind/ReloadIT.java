package dev.writebehind;

import static dev.writebehind.testing.Problems.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.learnerday.LearnerDay;
import dev.writebehind.learnerday.LearnerDayDriver;
import dev.writebehind.learnerday.ReferenceModel;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Settings that change while the service runs, by their file, by hand and by signal. */
class ReloadIT {
    /** What is promised, by a clock that a busy machine does not bend. */
    private static final Duration IN_FORCE = Duration.ofSeconds(2);

    private static final String CONNECTIONS =
            "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";

    private final TestDatabase database = TestDatabase.create();
    private final Path file = TemporaryDirectory.create("settings").resolve("writebehind.yaml");

    @AfterEach
    void close() {
        database.close();
    }

    /** Every third edit is broken; the others differ in all that a cycle reads. */
    @Test
    void learnerDay_whileSettingsChange_leavesEveryRowAsDirectWritesWould() {
        ReferenceModel model = new ReferenceModel();
        AtomicLong writes = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        edit("flush: {interval: 5s, lanes: 1}");
        int edits = 0;
        try (RunningService service = start()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                for (int seed = 44; refused.get() == 0; seed++) {
                    LearnerDay day = LearnerDay.generate(seed, 100);
                    LearnerDayDriver driver = new LearnerDayDriver(day, model, 16);
                    driver.send(List.of(service.uri("/v1/completions")));
                    writes.addAndGet(day.counts().writes());
                    refused.addAndGet(driver.refused());
                }
            });
            List<String> rounds = List.of(
                    "flush: {interval: 50ms, lanes: 4, batch-size: 50}",
                    "buffer: {max-pending: 100, retain: 0s}\nflush: {interval: 50ms, lanes: 1, threshold: 10}",
                    "flush: {interval: 5s, lanes: 0}",
                    "flush: {interval: 5s, lanes: 2, threshold: 2000}\nbuffer: {retain: 1m}",
                    "flush: {interval: 1ms, lanes: 64, batch-size: 7}",
                    "flush: {interval: [}");
            while (!sending.isDone() || edits < rounds.size()) {
                String round = rounds.get(edits++ % rounds.size());
                edit(round);
                if (edits % 3 == 0) {
                    awaitRefusal(service);
                } else {
                    awaitInForce(service, round);
                }
            }
            sending.join();
            edit("flush: {interval: 5s, lanes: 1}");
            awaitInForce(service, "flush: {interval: 5s, lanes: 1}");
            service.flush();
            assertThat(service.logged(Level.ERROR)).isEmpty();
        }
        assertThat(model.differences(LearnerDayIT.rows(database), 10)).isEmpty();
        System.out.printf(
                Locale.ROOT,
                "Learner day of %,d writes with %d edits; %,d requests were refused and sent again%n",
                writes.get(),
                edits,
                refused.get());
    }

    @Test
    @ShowsEffectOf("flush.interval")
    void interval_shortenedWhileALongOneIsWaitedFor_counts_andLengthenedAgain() {
        edit("flush: {interval: 1h}");
        try (RunningService service = start()) {
            service.write(1, "c", "b", 0.5);
            assertThat(database.rows()).isZero();
            edit("flush: {interval: 20ms}");
            await().until(() -> database.rows() == 1);

            long before = service.service().flushStats().batches();
            IntStream.range(0, 100).forEach(i -> service.post("?ack=database", Bodies.write(1, i % 2)));
            assertThat(service.service().flushStats().batches() - before)
                    .as("one after the other, each within an interval")
                    .isGreaterThanOrEqualTo(100);

            edit("flush: {interval: 1h}");
            withinPromise(() -> awaitInForce(service, "flush: {interval: 1h}"));
            service.flush();
            long slow = service.service().flushStats().batches();
            IntStream.range(0, 200).forEach(i -> service.write(1, "c", "b" + i, 1));
            assertThat(service.service().flushStats().batches()).isEqualTo(slow);
            edit("flush: {interval: 1h, threshold: 100}");
            await().until(() -> database.rows() == 201);
        }
    }

    @Test
    @ShowsEffectOf("flush.lanes")
    void lanes_areAsManyConnectionsAsAreWanted() {
        edit("flush: {interval: 20ms, lanes: 4, batch-size: 1}");
        try (RunningService service = start()) {
            assertConnections(service, 1, 4);
            edit("flush: {interval: 20ms, lanes: 1, batch-size: 1}");
            assertConnections(service, 2, 1);
            edit("flush: {interval: 20ms, lanes: 3, batch-size: 1}");
            assertConnections(service, 3, 3);
        }
    }

    private void assertConnections(RunningService service, int user, int lanes) {
        await().until(() -> setting(service, "flush.lanes").equals(String.valueOf(lanes)));
        String writes = Bodies.array(IntStream.range(0, 30).mapToObj(i -> Bodies.write(user, "b" + i, 1)));
        assertThat(service.post("?ack=database", writes).statusCode()).isEqualTo(200);
        await().until(() -> database.value(CONNECTIONS).equals(String.valueOf(lanes)));
    }

    @Test
    void acknowledgement_andBounds_andTimes_areThoseOfTheMoment() {
        edit("flush: {interval: 1h}");
        try (RunningService service = start()) {
            service.manage("POST", "/admin/pause");
            assertThat(service.post("", Bodies.write(1, 1)).statusCode()).isEqualTo(202);

            edit("flush: {interval: 1h}\ningest: {ack: database, ack-timeout: 100ms, max-writes: 2}");
            awaitInForce(service, "ingest: {ack: database}");
            problem(service.post("", Bodies.write(1, 0)), 504);
            String three = Bodies.array(IntStream.range(0, 3).mapToObj(i -> Bodies.write(1, "b" + i, 1)));
            assertThat(problem(service.post("?ack=memory", three), 400).getString("detail"))
                    .contains("more than 2 writes");

            edit("flush: {interval: 1h}\nbuffer: {max-pending: 1}");
            awaitInForce(service, "buffer: {max-pending: 1}");
            problem(service.post("", Bodies.write(1, "other", 1)), 503);
            assertThat(service.post("", Bodies.write(1, 1)).statusCode())
                    .as("a key that waits already")
                    .isEqualTo(202);

            edit("flush: {interval: 1h}");
            awaitInForce(service, "buffer: {max-pending: 1000000}");
            assertThat(service.post("", Bodies.write(1, "other", 1)).statusCode())
                    .isEqualTo(202);
            service.manage("POST", "/admin/resume");
        }
    }

    @Test
    void wrongFile_isAConditionUntilItIsMended_andToldOnce() throws IOException {
        edit("flush: {interval: 5s}");
        try (RunningService service = start()) {
            edit("flush: {interval: 50ms, lanes: many}");
            withinPromise(() -> awaitRefusal(service));
            JsonObject condition = condition(service);
            assertThat(condition.getString("cause")).startsWith("flush.lanes ");
            assertThat(condition.getString("action")).contains("Mend the settings' file");
            assertThat(setting(service, "flush.interval")).isEqualTo("5s");
            assertThat(service.manage("GET", "/metrics").body())
                    .contains("writebehind_condition{name=\"settings-refused\"} 1.0");
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = service.manage("POST", "/admin/reload");
                assertThat(answer.statusCode()).isEqualTo(422);
                assertThat(new JsonObject(answer.body()).getString("reason")).startsWith("flush.lanes ");
            }
            assertThat(service.logged(Level.WARN).stream().filter(line -> line.contains("flush.lanes")))
                    .hasSize(1);

            Files.delete(file);
            await().untilAsserted(() ->
                    assertThat(condition(service).getString("cause")).contains("can't be read"));
            edit("flush: {interval: 5s}");
            await().until(() -> conditions(service).isEmpty());
        }
    }

    @Test
    void config_tellsValuesOriginsAndWhatWaitsForARestart() {
        edit("flush:\n  interval: 5s");
        try (RunningService service = start()) {
            edit("flush:\n  interval: 5s\nhttp: {max-body: 1MiB}");
            HttpResponse<String> reloaded = service.manage("POST", "/admin/reload");
            assertThat(reloaded.statusCode()).isEqualTo(200);
            assertThat(new JsonObject(reloaded.body()))
                    .isEqualTo(new JsonObject()
                            .put("status", "reloaded")
                            .put("changed", new JsonArray())
                            .put("awaiting_restart", new JsonArray().add("http.max-body")));

            assertThat(entry(service, "http.max-body"))
                    .isEqualTo(new JsonObject()
                            .put("key", "http.max-body")
                            .put("value", "32MiB")
                            .put("origin", "default")
                            .put("reloads", false)
                            .put("awaiting_restart", "1MiB"));
            assertThat(entry(service, "flush.interval").getString("origin")).isEqualTo(file + ":2");
            assertThat(entry(service, "http.port").getString("origin")).isEqualTo("WRITEBEHIND_HTTP_PORT");
            assertThat(entry(service, "database.uri").getString("value")).contains(":***@");
            assertThat(service.manage("PUT", "/admin/reload").headers().firstValue("allow"))
                    .contains("POST");
            assertThat(service.manage("POST", "/admin/config").headers().firstValue("allow"))
                    .contains("GET");
        }
    }

    @Test
    void reload_withoutAFile_saysSo() {
        try (RunningService service = RunningService.start(database.uri())) {
            assertThat(service.manage("POST", "/admin/reload").statusCode()).isEqualTo(409);
            assertThat(conditions(service)).isEmpty();
        }
    }

    @Test
    @ShowsEffectOf("log.level")
    void hangUp_reloads_andTheLogsLevelFollows() throws Exception {
        edit("flush: {interval: 1h}");
        try (ChildService service = ChildService.start(database.uri(), "config=" + file)) {
            assertThat(service.post("", Bodies.write(1, 1)).statusCode()).isEqualTo(202);
            assertThat(debugLines(service)).isZero();
            edit("flush: {interval: 10ms}\nlog: {level: debug}");
            service.hangUp();
            await().until(() -> database.rows() == 1);
            await().until(() -> debugLines(service) > 0);
            service.terminate();
            assertThat(service.exitCode(Duration.ofMinutes(2))).isZero();
        }
    }

    /** Has something fail that is worth such a line, and counts them. */
    private static long debugLines(ChildService service) throws Exception {
        service.manage("POST", "/admin/pause");
        assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(409);
        service.manage("POST", "/admin/resume");
        return service.output().stream()
                .filter(line -> line.contains(" DEBUG "))
                .count();
    }

    private RunningService start() {
        return RunningService.startWith(file, database.uri());
    }

    /** As editors do: another file in its place. */
    private void edit(String yaml) {
        try {
            Path written = Files.writeString(file.resolveSibling("edited"), yaml + "\n");
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void withinPromise(Runnable waiting) {
        long begun = Naps.nanos();
        waiting.run();
        assertThat(Naps.since(begun)).isLessThan(IN_FORCE.plusMillis(500));
    }

    /** Waits for every {@code key: value} of what was written on one line for each section. */
    private static void awaitInForce(RunningService service, String yaml) {
        for (String section : yaml.split("\n", -1)) {
            String name = section.substring(0, section.indexOf(':'));
            String keys = section.substring(section.indexOf('{') + 1, section.indexOf('}'));
            for (String key : keys.split(", ", -1)) {
                String[] pair = key.split(": ", -1);
                await().pollInterval(Duration.ofMillis(20))
                        .until(() -> setting(service, name + "." + pair[0]).equals(pair[1]));
            }
        }
    }

    private static void awaitRefusal(RunningService service) {
        await().pollInterval(Duration.ofMillis(20))
                .until(() -> !conditions(service).isEmpty());
    }

    private static JsonObject condition(RunningService service) {
        return conditions(service).get(0);
    }

    private static List<JsonObject> conditions(RunningService service) {
        return objects(new JsonObject(service.manage("GET", "/health/ready").body()).getJsonArray("conditions"))
                .filter(condition -> condition.getString("name").equals("settings-refused"))
                .collect(Collectors.toList());
    }

    private static String setting(RunningService service, String key) {
        return entry(service, key).getString("value");
    }

    private static JsonObject entry(RunningService service, String key) {
        return objects(new JsonObject(service.manage("GET", "/admin/config").body()).getJsonArray("settings"))
                .filter(setting -> setting.getString("key").equals(key))
                .findFirst()
                .orElseThrow();
    }

    private static Stream<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast);
    }
}
