package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The meters, as Prometheus reads them. */
class MetricsIT {
    private static final Pattern ROW =
            Pattern.compile("\\| `((?:writebehind|vertx)_\\w+)` \\| (\\w+) \\| ([^|]*)\\| (.+) \\|");
    private static final Pattern LABEL = Pattern.compile("[{,](\\w+)=");

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void documentation_namesEveryMeterWithItsTypeLabelsAndMeaning_andNoOther() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("docs/metrics.md"))) {
            Matcher row = ROW.matcher(line);
            if (line.startsWith("With `journal.kind: kafka`")) {
                break;
            }
            if (row.matches()) {
                String labels = row.group(3).replaceAll("[` ]", "");
                documented.put(row.group(1), row.group(2) + " (" + labels + ") " + row.group(4));
            }
        }
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms")) {
            assertThat(service.post("?ack=database", Bodies.write(1, 1)).statusCode())
                    .isEqualTo(200);
            assertThat(meters(scrape(service))).containsExactlyInAnyOrderEntriesOf(documented);
            assertThat(scrape(service))
                    .contains("jvm_memory_used_bytes", "process_cpu_usage", "process_files_open_files");
        }
    }

    @Test
    void counters_tellOfWritesFromTheRequestToTheStatements() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h", "flush.lanes=1")) {
            for (int i = 0; i < 10; i++) {
                service.write(1, "c", "b", i % 2);
            }
            service.post("", Bodies.array(IntStream.range(0, 40).mapToObj(i -> Bodies.write(2, "b" + i, 1))));
            service.post("", "[]");
            service.reset(3, "c");
            service.flush();
            String text = scrape(service);

            assertThat(value(text, "writebehind_accepted_writes_total")).isEqualTo(50);
            assertThat(value(text, "writebehind_accepted_resets_total")).isEqualTo(1);
            assertThat(value(text, "writebehind_coalesced_writes_total")).isEqualTo(9);
            assertThat(value(text, "writebehind_flush_writes_total")).isEqualTo(41);
            assertThat(value(text, "writebehind_flush_rows_changed_total")).isEqualTo(41);
            assertThat(value(text, "writebehind_flush_statements_total"))
                    .as("one to insert, one to delete")
                    .isEqualTo(2);
            assertThat(value(text, "writebehind_flush_batch_size_count")).isEqualTo(2);
            assertThat(value(text, "writebehind_flush_batch_size_sum")).isEqualTo(42);
            assertThat(value(text, "writebehind_flush_duration_seconds_count")).isBetween(1.0, 2.0);
            await().until(() -> requests(service, "ok") == 11 && requests(service, "refused") == 1);
            assertThat(value(text, "writebehind_journal_sync_seconds_count")).isGreaterThanOrEqualTo(1);
            assertThat(value(text, "writebehind_journal_segments")).isEqualTo(1);
            assertThat(value(text, "writebehind_journal_bytes")).isPositive();

            service.write(1, "c", "b", 0.5);
            service.flush();
            assertThat(value(scrape(service), "writebehind_flush_statements_total"))
                    .as("one more, to update what was flushed a moment ago")
                    .isEqualTo(3);
        }
    }

    @Test
    void oldestAge_growsWhileTheDatabaseIsAway_alsoThroughFailedFlushesAndAPause_andIsNothingAfterwards() {
        try (FaultyProxy proxy = new FaultyProxy(database.port());
                RunningService service = RunningService.start(
                        database.uriThrough(proxy.port()),
                        "flush.interval=20ms",
                        "flush.max-backoff=50ms",
                        "database.timeout=1s")) {
            service.write(1, "c", "before", 1);
            service.flush();
            assertThat(age(service)).isZero();

            proxy.set(FaultyProxy.Mode.REFUSE);
            service.write(1, "c", "first", 1);
            await().until(() -> age(service) > 1);
            service.write(2, "c", "second", 1);
            double failures = value(scrape(service), "writebehind_flush_failures_total{kind=\"outage\"}");
            await().until(() ->
                    value(scrape(service), "writebehind_flush_failures_total{kind=\"outage\"}") > failures + 3);
            assertThat(age(service)).as("still that of the first").isGreaterThan(1);
            service.manage("POST", "/admin/pause");
            assertThat(age(service)).isGreaterThan(1);

            proxy.set(FaultyProxy.Mode.PASS);
            service.manage("POST", "/admin/resume");
            service.flush();
            assertThat(age(service)).isZero();
        }
    }

    @Test
    @ShowsEffectOf("database.read-connections")
    void pools_tellWhatIsInUseAndWhoWaits() throws SQLException {
        ExecutorService callers = Executors.newFixedThreadPool(20);
        String reads = "{pool_name=\"reads\",pool_type=\"sql\"}";
        try (RunningService service =
                RunningService.start(database.uri(), "database.read-connections=1", "database.timeout=60s")) {
            service.write(1, "c", "b", 0.5);
            service.flush();
            List<CompletableFuture<JsonObject>> waiting;
            try (Connection other = database.connect();
                    Statement statement = other.createStatement()) {
                statement.execute("LOCK TABLES completion_blockcompletion WRITE");
                waiting = IntStream.rangeClosed(2, 21)
                        .mapToObj(user -> CompletableFuture.supplyAsync(() -> service.read(user, "c"), callers))
                        .toList();
                await().untilAsserted(() -> {
                    String text = scrape(service);
                    double inUse = value(text, "vertx_pool_in_use" + reads);
                    assertThat(inUse)
                            .isBetween(1.0, (double) Runtime.getRuntime().availableProcessors());
                    assertThat(value(text, "vertx_pool_queue_pending" + reads)).isEqualTo(20 - inUse);
                });
                assertThat(scrape(service)).doesNotContain("vertx_pool_ratio", "vertx_http");
            }
            assertThat(waiting).allSatisfy(read -> assertThat(read).succeedsWithin(Patience.LONG));
            await().until(() -> value(scrape(service), "vertx_pool_in_use" + reads) == 0);
            assertThat(value(scrape(service), "vertx_pool_queue_time_seconds_count" + reads))
                    .isGreaterThanOrEqualTo(20);
        } finally {
            callers.shutdown();
        }
    }

    /** It is neither in the queue nor in a flush that is under way. */
    @Test
    void oldestAge_isThatOfARowThatSomebodyHolds_whileOthersAreFlushed() throws SQLException {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms")) {
            service.write(1, "c", "b", 0.5);
            service.flush();
            try (Connection other = database.connect();
                    Statement statement = other.createStatement()) {
                other.setAutoCommit(false);
                statement.execute("SELECT * FROM completion_blockcompletion WHERE user_id = 1 FOR UPDATE");
                service.write(1, "c", "b", 1);
                await().until(() -> age(service) > 3);
                other.rollback();
            }
            service.flush();
            assertThat(age(service)).isZero();
        }
    }

    @Test
    void requestsThatTheCallerLeaves_areAborted() throws IOException {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h")) {
            service.manage("POST", "/admin/pause");
            String body = Bodies.write(1, 1);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
                socket.getOutputStream()
                        .write(("POST /v1/completions?ack=database HTTP/1.1\r\nhost: a\r\ncontent-length: "
                                        + body.length() + "\r\ncontent-type: application/json\r\n\r\n" + body)
                                .getBytes(StandardCharsets.US_ASCII));
                await().until(() -> value(scrape(service), "writebehind_accepted_writes_total") == 1);
            }
            await().until(() -> requests(service, "aborted") == 1);
            service.manage("POST", "/admin/resume");
        }
    }

    @Test
    void noes_areCountedByTheirReason() {
        try (RunningService service = RunningService.start(
                database.uri(), "flush.interval=1h", "ingest.ack-timeout=200ms", "buffer.max-pending=1")) {
            service.manage("POST", "/admin/pause");
            assertThat(service.post("?ack=database", Bodies.write(1, 1)).statusCode())
                    .isEqualTo(504);
            assertThat(service.post("", Bodies.write(1, "other", 1)).statusCode())
                    .isEqualTo(503);
            service.send(HttpRequest.newBuilder(service.uri("/v1/users/1/completions?course_key=c")));
            String text = scrape(service);

            assertThat(value(text, "writebehind_not_taken_total{reason=\"not-yet-flushed\"}"))
                    .isEqualTo(1);
            assertThat(value(text, "writebehind_not_taken_total{reason=\"buffer-full\"}"))
                    .isEqualTo(1);
            await().until(() -> requests(service, "timeout") == 1 && requests(service, "unavailable") == 1);
            await().until(() -> scrape(service).contains("route=\"/v1/users/"));
            service.manage("POST", "/admin/resume");
        }
    }

    /** How often that was the outcome of a write; counted after its answer. */
    private static double requests(RunningService service, String outcome) {
        return value(
                scrape(service),
                "writebehind_requests_seconds_count{outcome=\"" + outcome + "\",route=\"/v1/completions\"}");
    }

    private static double age(RunningService service) {
        return value(scrape(service), "writebehind_pending_oldest_age_seconds");
    }

    private static String scrape(RunningService service) {
        return service.manage("GET", "/metrics").body();
    }

    private static double value(String text, String series) {
        return text.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .sum();
    }

    /** Returns type, labels and help of each of our meters. */
    private static Map<String, String> meters(String text) {
        Map<String, String> meters = new TreeMap<>();
        for (String name : names(text)) {
            String help = after(text, "# HELP " + name + " ");
            String type = after(text, "# TYPE " + name + " ");
            Set<String> labels = text.lines()
                    .filter(line -> line.matches(name + "(_bucket|_count|_sum)?\\{.*"))
                    .flatMap(line -> LABEL.matcher(line).results().map(label -> label.group(1)))
                    .filter(label -> !label.equals("le"))
                    .collect(Collectors.toCollection(TreeSet::new));
            meters.put(name, type + " (" + String.join(",", labels) + ") " + help);
        }
        return meters;
    }

    private static Set<String> names(String text) {
        return text.lines()
                .filter(line -> line.matches("# TYPE (writebehind|vertx)_.*"))
                .map(line -> line.split(" ", -1)[2])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String after(String text, String beginning) {
        return text.lines()
                .filter(line -> line.startsWith(beginning))
                .map(line -> line.substring(beginning.length()))
                .findFirst()
                .orElse("");
    }
}
