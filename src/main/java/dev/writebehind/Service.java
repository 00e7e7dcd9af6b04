package dev.writebehind;

import dev.writebehind.api.NativeApi;
import dev.writebehind.auth.Authenticator;
import dev.writebehind.auth.OpaqueTokens;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.Settings;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.flush.DeadLetters;
import dev.writebehind.flush.FlushStats;
import dev.writebehind.flush.Flusher;
import dev.writebehind.http.BodyBudget;
import dev.writebehind.http.Dialect;
import dev.writebehind.http.PublicServer;
import dev.writebehind.journal.Journal;
import dev.writebehind.journal.LocalJournal;
import dev.writebehind.journal.Replay;
import dev.writebehind.openedx.AccessTokens;
import dev.writebehind.openedx.LmsDirectory;
import dev.writebehind.openedx.OpenedxApi;
import dev.writebehind.ops.EventLoopWatch;
import dev.writebehind.ops.Lifecycle;
import dev.writebehind.ops.ManagementServer;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wired service and the order in which its parts start and stop: the flusher before the ports, and in the end
 * what is pending first, while new requests are refused, then the requests still under way and what these left
 * pending, then the flusher's connections. Safe for any thread.
 */
final class Service {
    private static final Logger log = LoggerFactory.getLogger(Service.class);
    /** The part of {@code shutdown.drain-timeout} that is kept for closing sockets and threads; a quarter if less. */
    private static final Duration MAX_CLOSING = Duration.ofSeconds(1);

    private final Settings settings;
    private final Vertx vertx;
    private final Authenticator authenticator;
    private final LmsDirectory directory;
    private final Lifecycle lifecycle = new Lifecycle();
    private final Journal journal;
    private final ReceiptClock clock;
    private final CompletionBuffer buffer;
    private final SchemaPreparation schema;
    private final Flusher flusher;
    private final ManagementServer management;
    private final List<PublicServer> servers = new CopyOnWriteArrayList<>();
    private final KeyPool keys;
    private final BodyBudget bodies;
    private final WriteBehind service;
    private @Nullable Future<Long> stopping;

    private Service(
            Settings settings,
            Vertx vertx,
            Authenticator authenticator,
            LmsDirectory directory,
            Journal journal,
            KeyPool keys,
            ReceiptClock clock,
            Conditions conditions) {
        this.settings = settings;
        this.vertx = vertx;
        this.authenticator = authenticator;
        this.directory = directory;
        this.journal = journal;
        this.keys = keys;
        this.clock = clock;
        this.bodies = BodyBudget.create(settings.http());
        this.buffer = new CompletionBuffer(
                HeapBounds.within(settings.buffer(), Runtime.getRuntime().maxMemory()), clock, journal);
        this.service = WriteBehind.on(journal, buffer, settings.ingest().ackTimeout());
        this.schema = new SchemaPreparation(vertx, settings.database(), conditions);
        DeadLetters deadLetters =
                new DeadLetters(settings.journal().dir().resolve("dead-letters"), keys, journal::requirePresent);
        this.flusher = new Flusher(
                settings.flush(),
                new Flusher.Source(buffer, clock, deadLetters),
                new Flusher.Target(settings.database(), schema::state),
                conditions);
        this.management = new ManagementServer(
                settings.management(),
                new ManagementServer.Observed(lifecycle, journal, buffer, flusher, conditions),
                deadLetters,
                EventLoopWatch.on(vertx));
    }

    static Service create(Settings settings) {
        return create(settings, new VertxOptions(), new ReceiptClock());
    }

    static Service create(Settings settings, VertxOptions options, ReceiptClock clock) {
        KeyPool keys = new KeyPool();
        Conditions conditions = new Conditions(Clock.systemUTC());
        Vertx vertx = Vertx.vertx(withoutFiles(options.setPreferNativeTransport(true)));
        if (!vertx.isNativeTransportEnabled()) {
            log.info(
                    "Sockets are served by Java's own means: {}",
                    String.valueOf(vertx.unavailableNativeTransportCause()));
        }
        try {
            LmsDirectory directory = new LmsDirectory(settings.database(), settings.openedx(), conditions);
            OpaqueTokens opaque =
                    settings.openedx().opaqueTokens() ? new AccessTokens(vertx, directory) : OpaqueTokens.NONE;
            Authenticator authenticator = Authenticator.create(vertx, settings.auth(), opaque, conditions);
            Journal journal = LocalJournal.open(settings.journal(), keys, conditions);
            return new Service(settings, vertx, authenticator, directory, journal, keys, clock, conditions);
        } catch (RuntimeException e) {
            vertx.close();
            throw e;
        }
    }

    /** Nothing here is served from the class path, for which Vert.x would make a folder at every start. */
    private static VertxOptions withoutFiles(VertxOptions options) {
        return options.setFileSystemOptions(
                new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
    }

    /** Starts every part; completes when requests are accepted. */
    Future<Void> start() {
        return vertx.executeBlocking(this::replay)
                .compose(replayed -> schema.begin())
                .compose(prepared -> vertx.deployVerticle(flusher))
                .compose(deployed -> vertx.deployVerticle(management))
                .compose(deployed -> startDirectory())
                .compose(deployed -> vertx.deployVerticle(this::newServer, instances()))
                .onSuccess(deployed -> {
                    lifecycle.enter(new Lifecycle.Serving(port()));
                    log.info(
                            "Listening on http://{}:{}, management on http://{}:{}",
                            settings.http().host(),
                            port(),
                            settings.management().host(),
                            managementPort());
                })
                .mapEmpty();
    }

    private Replay replay() {
        Replay replay = journal.replay(buffer::restore);
        clock.continueAfter(replay.newestReceipt());
        log.info(
                "Replayed {} keys and {} resets from {} journal records in {} ms; {} bytes were torn",
                replay.keys(),
                replay.resets(),
                replay.records(),
                replay.millis(),
                replay.tornBytes());
        return replay;
    }

    void startAndWait() throws Exception {
        try {
            start().toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /**
     * Stops every part in order, once. Completes with the number of keys that may be lost, after
     * {@code shutdown.drain-timeout} at the latest.
     */
    synchronized Future<Long> stop() {
        Future<Long> running = stopping;
        if (running == null) {
            running = stopInOrder();
            stopping = running;
        }
        return running;
    }

    /** Stops and returns the process's exit code. */
    int stopAndWait() {
        try {
            Duration limit = settings.shutdown().drainTimeout().plus(MAX_CLOSING);
            long left = stop().toCompletionStage().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return left == 0 ? Exit.OK : Exit.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.FAILED;
        } catch (ExecutionException | TimeoutException e) {
            log.error("The stop did not end in order", e);
            return Exit.FAILED;
        }
    }

    int port() {
        return servers.get(0).port();
    }

    int managementPort() {
        return management.port();
    }

    CompletionBuffer buffer() {
        return buffer;
    }

    Future<Void> flushAll() {
        return flusher.flushAll();
    }

    BodyBudget bodies() {
        return bodies;
    }

    FlushStats flushStats() {
        return flusher.stats();
    }

    private PublicServer newServer() {
        List<Dialect> dialects = new ArrayList<>(List.of(new NativeApi(settings, service, keys, authenticator)));
        if (settings.openedx().enabled()) {
            dialects.add(new OpenedxApi(settings.ingest(), service, keys, authenticator, directory));
        }
        PublicServer server = new PublicServer(
                settings.http(), settings.ingest().ackTimeout(), bodies, lifecycle::isServing, dialects);
        servers.add(server);
        return server;
    }

    private Future<?> startDirectory() {
        return settings.openedx().enabled() ? vertx.deployVerticle(directory) : Future.succeededFuture();
    }

    private static DeploymentOptions instances() {
        return new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors());
    }

    private Future<Long> stopInOrder() {
        lifecycle.enter(new Lifecycle.Draining());
        Duration limit = settings.shutdown().drainTimeout();
        Duration closing = limit.dividedBy(4).compareTo(MAX_CLOSING) < 0 ? limit.dividedBy(4) : MAX_CLOSING;
        long end = System.nanoTime() + limit.toNanos();
        long drained = end - closing.toNanos();
        // Not a future of a context: its event loop would be closed before it could complete.
        Promise<Long> stopped = Promise.promise();
        // Before anything is waited for: the database may stay away, and then a crash must find all of it written down.
        Future<Long> recorded = vertx.executeBlocking(this::record, false).map(Objects::requireNonNull);
        // The ports stay open until the buffer is drained: a server that shuts down hangs up on idle connections, and
        // who sends over one of these just then would not be told whether his request was taken.
        Future.succeededFuture()
                .transform(any -> flushUntil(drained))
                .transform(any -> answerUntil(drained))
                .transform(any -> flushUntil(drained))
                .transform(any -> {
                    long left = buffer.pendingKeys();
                    return recorded.transform(first -> vertx.executeBlocking(this::closeJournal, false))
                            .timeout(remainingMillis(end), TimeUnit.MILLISECONDS)
                            .otherwise(late -> {
                                log.debug("The journal does not close in time", late);
                                return buffer.keysAtRisk();
                            })
                            .onSuccess(lost -> report(left, lost));
                })
                .onSuccess(lost -> vertx.close().onComplete(closed -> stopped.complete(lost)));
        return stopped.future();
    }

    private Future<Void> flushUntil(long deadline) {
        return flusher.flushAll().timeout(remainingMillis(deadline), TimeUnit.MILLISECONDS);
    }

    private Future<?> answerUntil(long deadline) {
        Duration timeout = Duration.ofMillis(remainingMillis(deadline));
        return Future.join(
                servers.stream().map(server -> server.shutdown(timeout)).toList());
    }

    /** Writes down what is neither in the table nor in the journal. Returns how many keys could not be. */
    private long record() {
        boolean all;
        boolean kept;
        do {
            all = buffer.recordAll(); // not all, if the queue is full: it is empty once these are on disk
            kept = journal.sync()
                    .handle((done, failure) -> failure == null)
                    .toCompletableFuture()
                    .join();
        } while (kept && !all);
        return kept ? 0 : buffer.keysAtRisk();
    }

    /** Writes down what came since, too. Returns how many keys could not be. */
    private long closeJournal() {
        long lost = record();
        journal.close();
        return lost;
    }

    private void report(long left, long lost) {
        if (left == 0) {
            log.info("Everything accepted is in the table");
            return;
        }
        if (lost == 0) {
            log.warn("{} keys are not in the table; they stay in the journal for the next start", left);
            return;
        }
        String failure = flusher.failure();
        log.error(
                "{} keys did not reach the table within {} ms, and {} of them not the journal either ({}): {}",
                left,
                lost,
                settings.shutdown().drainTimeout().toMillis(),
                journal.state().explanation(),
                failure == null ? "the database did not answer in time" : failure);
    }

    private static long remainingMillis(long deadline) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
    }
}
