package dev.writebehind;

import dev.writebehind.api.NativeApi;
import dev.writebehind.auth.Authenticator;
import dev.writebehind.auth.OpaqueTokens;
import dev.writebehind.auth.ServerTokens;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.config.Reload;
import dev.writebehind.config.Settings;
import dev.writebehind.config.TlsSettings;
import dev.writebehind.contract.ContractPages;
import dev.writebehind.core.Administration;
import dev.writebehind.core.Flushing;
import dev.writebehind.core.Phase;
import dev.writebehind.core.Reloading;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.flush.Announcements;
import dev.writebehind.flush.DeadLetters;
import dev.writebehind.flush.FlushStats;
import dev.writebehind.flush.Flusher;
import dev.writebehind.http.BodyBudget;
import dev.writebehind.http.ConnectionLimit;
import dev.writebehind.http.Dialect;
import dev.writebehind.http.PublicServer;
import dev.writebehind.openedx.AccessTokens;
import dev.writebehind.openedx.LmsDirectory;
import dev.writebehind.openedx.OpenedxApi;
import dev.writebehind.ops.EventLoopWatch;
import dev.writebehind.ops.ManagementServer;
import dev.writebehind.ops.Meters;
import dev.writebehind.tls.CertificateWatch;
import dev.writebehind.tls.ServerCertificate;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wired service, which starts its parts in order: the flusher before the ports. {@link Shutdown} stops them. Safe
 * for any thread.
 */
final class Service {
    private static final Logger log = LoggerFactory.getLogger(Service.class);
    private final LiveSettings live;
    /** Those of the start, for what does not reload. */
    private final Settings settings;

    private final Vertx vertx;
    private final KeyPool keys = new KeyPool();
    private final Lifecycle lifecycle;
    private final LmsDirectory directory;
    private final Authenticator authenticator;
    private final Durability durability;
    private final CompletionBuffer buffer;
    private final SchemaPreparation schema;
    private final Flusher flusher;
    private final Flushing flushing;
    private final Meters meters;
    private final ManagementServer management;
    private final ContractPages contract = ContractPages.load();
    private final List<PublicServer> servers = new CopyOnWriteArrayList<>();
    private final BodyBudget bodies;
    private final ConnectionLimit connections;
    private final CertificateWatch certificates;
    private final @Nullable ServerCertificate certificate;
    private final Supplier<Duration> ackTimeout;
    private final WriteBehind service;
    private final Reloading reloading;
    private final Shutdown shutdown;

    private Service(LiveSettings live, Vertx vertx, ReceiptClock clock, Meters meters) {
        this.live = live;
        settings = live.get();
        this.vertx = vertx;
        Conditions conditions = new Conditions(Clock.systemUTC());
        lifecycle = new Lifecycle(conditions.events());
        directory = new LmsDirectory(settings.database(), live.part(Settings::openedx), conditions);
        OpaqueTokens opaque =
                settings.openedx().opaqueTokens() ? new AccessTokens(vertx, directory) : OpaqueTokens.NONE;
        authenticator = Authenticator.create(vertx, settings.auth(), opaque, conditions);
        durability = settings.journal().isShared()
                ? SharedLog.open(vertx, settings, keys, conditions)
                : OwnDisk.open(vertx, settings.journal(), keys, conditions);
        bodies = BodyBudget.create(settings.http());
        connections = new ConnectionLimit(settings.http().maxConnections());
        certificate = ServerCertificate.open("http.tls", settings.http().tls());
        buffer = durability.buffer(
                HeapBounds.within(
                        live.part(Settings::buffer), Runtime.getRuntime().maxMemory()),
                clock);
        ackTimeout = live.part(now -> now.ingest().ackTimeout());
        service = durability.operations(ackTimeout);
        Announcements announcements = new Announcements(
                settings.openedx().announce(), () -> live.get().openedx().announceMaxBacklog(), conditions);
        schema = new SchemaPreparation(
                vertx, settings.database(), settings.journal().isShared(), announcements, conditions);
        DeadLetters deadLetters = durability.deadLetters(keys);
        flusher = durability.flusher(
                live.part(Settings::flush),
                new Flusher.Source(buffer, clock, deadLetters),
                new Flusher.Target(settings.database(), schema::state, announcements),
                conditions);
        flushing = durability.flushing(flusher);
        Administration administration = new Administration(
                lifecycle::phase, durability.view(), buffer, flusher, flushing, deadLetters, conditions);
        reloading = new Reloading(live, conditions);
        EventLoopWatch eventLoops = EventLoopWatch.on(vertx);
        this.meters = meters.add(service.stats())
                .add(connections)
                .add(administration)
                .add(announcements)
                .add(reloading)
                .add(eventLoops);
        ServerCertificate managementCertificate =
                ServerCertificate.open("management.tls", settings.management().tls());
        ServerTokens tokens = ServerTokens.ofManagement(vertx, settings.management(), conditions);
        management = new ManagementServer(
                settings.management(),
                new ManagementServer.Access(
                        settings.management().isGuarded() ? tokens::contains : null, managementCertificate),
                new ManagementServer.Sources(
                        Version.number(), administration, service.stats(), reloading, eventLoops, meters));
        certificates = CertificateWatch.begin(conditions, certificate, managementCertificate);
        shutdown = new Shutdown(vertx, durability, buffer, flusher, servers);
        live.onChange(flusher::settingsChanged);
        live.onChange(buffer::settingsChanged);
        live.onChange(directory::settingsChanged);
    }

    static Service create(LiveSettings settings) {
        return create(settings, Vertx.builder(), new VertxOptions(), new ReceiptClock());
    }

    static Service create(LiveSettings settings, VertxBuilder builder, VertxOptions options, ReceiptClock clock) {
        Meters meters = new Meters(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), Version.number());
        Vertx vertx = builder.with(
                        withoutFiles(options.setPreferNativeTransport(true)).setMetricsOptions(Meters.ofPools()))
                .withMetrics(meters.ofVertx())
                .build();
        if (!vertx.isNativeTransportEnabled()) {
            log.info(
                    "Sockets are served by Java's own means: {}",
                    String.valueOf(vertx.unavailableNativeTransportCause()));
        }
        try {
            return new Service(settings, vertx, clock, meters);
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
        return durability
                .restore()
                .compose(restored -> schema.begin())
                .compose(prepared -> vertx.deployVerticle(flusher))
                .compose(deployed -> durability.join(flusher))
                .compose(deployed -> vertx.deployVerticle(management))
                .compose(deployed -> startDirectory())
                .compose(deployed -> vertx.deployVerticle(this::newServer, instances()))
                .onSuccess(deployed -> {
                    lifecycle.advanceTo(Phase.SERVING);
                    reloading.begin();
                    log.info(
                            "Listening on {}://{}:{}, management on {}://{}:{}",
                            scheme(settings.http().tls()),
                            settings.http().host(),
                            port(),
                            scheme(settings.management().tls()),
                            settings.management().host(),
                            managementPort());
                })
                .mapEmpty();
    }

    private static String scheme(TlsSettings tls) {
        return tls.isOn() ? "https" : "http";
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
    Future<Long> stop() {
        return stop(live.get().shutdown().drainTimeout());
    }

    private Future<Long> stop(Duration limit) {
        lifecycle.advanceTo(Phase.DRAINING);
        reloading.close();
        certificates.close();
        return shutdown.begin(limit).onComplete(stopped -> meters.close());
    }

    /** Stops and returns the process's exit code. */
    int stopAndWait() {
        try {
            Duration limit = live.get().shutdown().drainTimeout();
            long left = stop(limit)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(limit.plus(Shutdown.MAX_CLOSING).toMillis(), TimeUnit.MILLISECONDS);
            return left == 0 ? Exit.OK : Exit.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.FAILED;
        } catch (ExecutionException | TimeoutException e) {
            log.error("The stop did not end in order", e);
            return Exit.FAILED;
        }
    }

    /** Completes with the reason if the process has to be replaced by another. */
    CompletionStage<String> failure() {
        return durability.failure();
    }

    boolean isStopping() {
        return lifecycle.phase().compareTo(Phase.SERVING) > 0;
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
        return flushing.flushAll();
    }

    BodyBudget bodies() {
        return bodies;
    }

    /** Reads the settings again, now. */
    Future<Reload> reload() {
        return reloading.reload();
    }

    FlushStats flushStats() {
        return flusher.stats();
    }

    private PublicServer newServer() {
        List<Dialect> dialects = new ArrayList<>(
                List.of(new NativeApi(settings.database(), live.part(Settings::ingest), service, keys, authenticator)));
        if (settings.openedx().enabled()) {
            dialects.add(new OpenedxApi(live.part(Settings::ingest), service, keys, authenticator, directory));
        }
        dialects.add(contract);
        PublicServer server = new PublicServer(
                settings.http(),
                live.part(now -> now.http().requestTimeout()),
                ackTimeout,
                new PublicServer.Shared(bodies, connections, certificate, lifecycle::isServing, meters),
                dialects);
        servers.add(server);
        return server;
    }

    private Future<?> startDirectory() {
        return settings.openedx().enabled() ? vertx.deployVerticle(directory) : Future.succeededFuture();
    }

    private static DeploymentOptions instances() {
        return new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors());
    }
}
