package dev.writebehind.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.ConfigFile;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.config.Settings;
import dev.writebehind.core.Administration;
import dev.writebehind.core.Phase;
import dev.writebehind.core.Reloading;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.flush.DeadLetterFiles;
import dev.writebehind.flush.Flusher;
import dev.writebehind.flush.TableState;
import dev.writebehind.journal.file.FileJournal;
import dev.writebehind.testing.Futures;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the port says of event loops that stand still; in the rest it is looked at with a database behind it. */
class ManagementServerTest {
    private static final Duration PERIOD = Duration.ofMillis(5);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final AtomicLong nanos = new AtomicLong();
    private final CountDownLatch blocking = new CountDownLatch(1);
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));

    @TempDir
    private Path directory;

    private Settings settings;
    private final Conditions conditions = new Conditions(Clock.systemUTC());
    private FileJournal journal;

    @BeforeEach
    void open() {
        settings = new ConfigFile(
                        null,
                        Map.of(
                                "WRITEBEHIND_DATABASE_URI", "mysql://a:b@127.0.0.1:1/away",
                                "WRITEBEHIND_JOURNAL_DIR", directory.toString(),
                                "WRITEBEHIND_MANAGEMENT_PORT", "0"))
                .load()
                .settings();
        journal = FileJournal.open(settings.journal(), new KeyPool(), conditions);
    }

    @AfterEach
    void close() {
        blocking.countDown();
        Futures.await(vertx.close());
        journal.close();
    }

    @Test
    void live_whileAnotherEventLoopStandsStill_is503_andGetsWellWithIt() throws Exception {
        ManagementServer server = serve(EventLoopWatch.on(vertx, nanos::get, PERIOD, LIMIT));
        standStillElsewhere();

        nanos.addAndGet(LIMIT.toNanos());
        assertThat(live(server, "GET").statusCode()).isEqualTo(200);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        HttpResponse<String> stalled = live(server, "GET");
        assertThat(stalled.statusCode()).isEqualTo(503);
        JsonObject told = new JsonObject(stalled.body());
        assertThat(told.getString("status")).isEqualTo("stalled");
        assertThat(told.getString("reason")).contains("an event loop", " 11 s");
        assertThat(live(server, "HEAD").statusCode()).isEqualTo(503);

        blocking.countDown();
        await().untilAsserted(() -> assertThat(live(server, "GET").statusCode()).isEqualTo(200));
    }

    /** As after a pause of the whole process: every loop is behind when the request comes, and then takes its turn. */
    @Test
    void live_afterAllHaveStoodStill_looksAgainBeforeItSaysSo() throws Exception {
        AtomicLong looks = new AtomicLong();
        EventLoopWatch neverSeesThem = EventLoopWatch.on(vertx, laterAfterStart(looks), Duration.ofDays(1), LIMIT);
        ManagementServer server = serve(neverSeesThem);

        looks.set(1);
        assertThat(live(server, "GET").statusCode()).isEqualTo(200);
        assertThat(looks.get()).as("both looks").isEqualTo(3);
    }

    /** Tells the start's time, then for one look an hour later, and the start's again. */
    private static LongSupplier laterAfterStart(AtomicLong looks) {
        return () -> looks.get() > 0 && looks.getAndIncrement() == 1
                ? Duration.ofHours(1).toNanos()
                : 0;
    }

    private ManagementServer serve(EventLoopWatch watch) {
        ReceiptClock clock = new ReceiptClock();
        CompletionBuffer buffer = new CompletionBuffer(settings::buffer, clock, journal);
        DeadLetterFiles deadLetters = new DeadLetterFiles(directory.resolve("dead-letters"), new KeyPool(), () -> {});
        Flusher flusher = new Flusher(
                settings::flush,
                new Flusher.Source(buffer, clock, deadLetters),
                new Flusher.Target(settings.database(), () -> TableState.PREPARED),
                conditions);
        Administration service =
                new Administration(() -> Phase.STARTING, journal, buffer, flusher, deadLetters, conditions);
        ManagementServer server = new ManagementServer(
                settings.management(),
                new ManagementServer.Access(null, null),
                new ManagementServer.Sources(
                        "1",
                        service,
                        WriteBehind.on(journal, buffer, () -> Duration.ofSeconds(1))
                                .stats(),
                        new Reloading(LiveSettings.of(settings), conditions),
                        watch,
                        new Meters(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), "1")));
        Futures.await(vertx.deployVerticle(server));
        return server;
    }

    /** Has the next event loop, which is not that of the server before it, stand still. */
    private void standStillElsewhere() throws InterruptedException {
        CountDownLatch standing = new CountDownLatch(1);
        AtomicReference<Context> other = new AtomicReference<>();
        Futures.await(vertx.deployVerticle(new VerticleBase() {
            @Override
            public Future<?> start() {
                other.set(context);
                return Future.succeededFuture();
            }
        }));
        other.get().runOnContext(now -> {
            standing.countDown();
            try {
                blocking.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        standing.await();
    }

    private HttpResponse<String> live(ManagementServer server, String method) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + "/health/live");
        return http.send(
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofSeconds(20))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
