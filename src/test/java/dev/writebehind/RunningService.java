package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.config.ConfigFile;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.contract.ContractWatch;
import dev.writebehind.testing.BlockedLoops;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.TemporaryDirectory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The whole service on free loopback ports, in this process, against a real database. Closing it drains it and fails
 * the test if an event loop was blocked, anything was logged as an error, or a request that was taken, or any answer,
 * was not as the OpenAPI documents say. Safe for any thread.
 */
public final class RunningService implements AutoCloseable {
    private final Service service;
    private final ContractWatch contract;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Patience.LONG)
            .build();
    private final ListAppender<ILoggingEvent> log;
    private final BlockedLoops loops;
    private boolean closed;

    private RunningService(
            Service service, ContractWatch contract, ListAppender<ILoggingEvent> log, BlockedLoops loops) {
        this.service = service;
        this.contract = contract;
        this.log = log;
        this.loops = loops;
    }

    /** Starts the service with default settings but for these, each written {@code flush.interval=50ms}. */
    public static RunningService start(String databaseUri, String... settings) {
        return start(new ReceiptClock(), databaseUri, settings);
    }

    /** Starts the service with that clock. */
    public static RunningService start(ReceiptClock clock, String databaseUri, String... settings) {
        return start(clock, null, databaseUri, settings);
    }

    /** Starts the service with that settings' file, over which these come. */
    public static RunningService startWith(Path file, String databaseUri, String... settings) {
        return start(new ReceiptClock(), file, databaseUri, settings);
    }

    private static RunningService start(
            ReceiptClock clock, @Nullable Path file, String databaseUri, String... settings) {
        Map<String, String> environment = new HashMap<>();
        environment.put(ConfigFile.variable("database.uri"), databaseUri);
        environment.put(ConfigFile.variable("http.port"), "0");
        environment.put(ConfigFile.variable("management.port"), "0");
        environment.put(
                ConfigFile.variable("journal.dir"),
                TemporaryDirectory.create("journal").toString());
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            environment.put(ConfigFile.variable(parts[0]), parts[1]);
        }
        ConfigFile source = new ConfigFile(file, environment);
        assertThat(source.load().unknownVariables()).isEmpty();
        VertxOptions strict = new VertxOptions()
                .setBlockedThreadCheckInterval(200)
                .setMaxEventLoopExecuteTime(1)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.SECONDS);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        rootLogger().addAppender(log);
        BlockedLoops loops = new BlockedLoops();
        loops.start();
        rootLogger().addAppender(loops);
        ContractWatch contract = new ContractWatch();
        AtomicReference<Service> created = new AtomicReference<>();
        VertxBuilder watched = Vertx.builder()
                .withTransport(contract.transport(port -> created.getPlain().managementPort() == port));
        Service service = Service.create(LiveSettings.open(source), watched, strict, clock);
        created.set(service);
        RunningService running = new RunningService(service, contract, log, loops);
        await(service.start());
        return running;
    }

    /** Returns the address of a path on the public port. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + service.port() + path);
    }

    /** Returns the address of a path on the management port. */
    public URI managementUri(String path) {
        return URI.create("http://127.0.0.1:" + service.managementPort() + path);
    }

    /** Returns the public port. */
    public int port() {
        return service.port();
    }

    /** Returns the address of the management port. */
    public String managementAddress() {
        return "http://127.0.0.1:" + service.managementPort();
    }

    /** Returns the wired service. */
    Service service() {
        return service;
    }

    /** Posts a JSON body to {@code /v1/completions} with that query, and returns the answer. */
    public HttpResponse<String> post(String query, String body) {
        return send(HttpRequest.newBuilder(uri("/v1/completions" + query))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** Asks for a learner's completions in a course. */
    public JsonObject read(int userId, String courseKey) {
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(uri("/v1/users/" + userId + "/completions?course_key=" + courseKey)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    /** Has that write taken. */
    public void write(int userId, String courseKey, String blockKey, double completion) {
        HttpResponse<String> answer = post("", Bodies.write(userId, courseKey, blockKey, completion));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    }

    /** Has a reset of that course taken. */
    public void reset(int userId, String courseKey) {
        String key = URLEncoder.encode(courseKey, StandardCharsets.UTF_8);
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(uri("/v1/users/" + userId + "/completions?course_key=" + key))
                        .DELETE());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    }

    /** Returns the dead letters. */
    public List<JsonObject> deadLetters() {
        return new JsonObject(manage("GET", "/admin/dead-letters").body())
                .getJsonArray("dead_letters").stream()
                        .map(JsonObject.class::cast)
                        .toList();
    }

    /** Sends a request to the management port. */
    public HttpResponse<String> manage(String method, String path) {
        return send(HttpRequest.newBuilder(managementUri(path)).method(method, HttpRequest.BodyPublishers.noBody()));
    }

    /** Sends a request and waits for its answer. */
    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.timeout(Patience.VERY_LONG).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Waits until everything accepted so far is in the table. */
    public void flush() {
        await(service.flushAll());
    }

    /** Returns the messages logged so far at that level or above. */
    public List<String> logged(Level level) {
        return new ArrayList<>(log.list)
                .stream()
                        .filter(event -> event.getLevel().isGreaterOrEqual(level))
                        .map(event -> event.getLoggerName() + ": " + event.getFormattedMessage())
                        .toList();
    }

    /** Stops in order; returns how many keys were not in the table by the deadline. */
    public long stop() {
        closed = true;
        long left = await(service.stop());
        rootLogger().detachAppender(log);
        rootLogger().detachAppender(loops);
        assertThat(contract.end()).as("not as the contract says").isEmpty();
        return left;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        assertThat(stop()).as("keys not flushed").isZero();
        assertThat(logged(Level.ERROR)).isEmpty();
        assertThat(loops.faults()).as("blocked event loops").isEmpty();
    }

    private static Logger rootLogger() {
        return (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(Patience.VERY_LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
