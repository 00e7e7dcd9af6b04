package dev.writebehind.http;

import dev.writebehind.config.HttpSettings;
import dev.writebehind.tls.ServerCertificate;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The public HTTP server: one instance for each event loop, all on one port. Confined to its verticle's context. */
public final class PublicServer extends VerticleBase {
    private static final int MAX_REQUEST_LINE = 64 * 1024;

    /**
     * Of connections that deadlines watch, for what these miss: it may be an hour that somebody waits for an
     * acknowledgement.
     */
    private static final Duration MAX_SILENCE = Duration.ofHours(2).plus(ServerOptions.IDLE);

    private final HttpSettings settings;
    private final ArrivalDeadline.Limits limits;
    private final Shared shared;
    private final List<Dialect> dialects;
    private @Nullable HttpServer server;
    private @Nullable BodyWorkers workers;

    /**
     * What the instances share.
     *
     * @param certificate null: the port is not encrypted
     * @param accepting tells whether new requests are taken
     * @param requests is told of each request to a resource
     */
    public record Shared(
            BodyBudget bodies,
            ConnectionLimit connections,
            @Nullable ServerCertificate certificate,
            BooleanSupplier accepting,
            RequestObserver requests) {}

    /**
     * Creates an instance for one deployment.
     *
     * @param requestTimeout longest time a request may take to arrive, as it is at the moment
     * @param ackTimeout longest time it may then wait for its acknowledgement, and once more for the journal
     * @param dialects this instance's own
     */
    public PublicServer(
            HttpSettings settings,
            Supplier<Duration> requestTimeout,
            Supplier<Duration> ackTimeout,
            Shared shared,
            List<Dialect> dialects) {
        this.settings = settings;
        this.limits = new ArrivalDeadline.Limits(
                requestTimeout,
                () -> ServerOptions.IDLE.plus(ackTimeout.get()).plus(ackTimeout.get()),
                ServerOptions.IDLE);
        this.shared = shared;
        this.dialects = List.copyOf(dialects);
    }

    @Override
    public Future<?> start() {
        BodyWorkers ownWorkers = new BodyWorkers(vertx);
        workers = ownWorkers;
        ArrivalDeadline deadline = new ArrivalDeadline(vertx, limits);
        Routes routes =
                new Routes(vertx, shared.accepting(), deadline, new BodyReader(shared.bodies()), shared.requests());
        List<Resource> resources = dialects.stream()
                .flatMap(dialect -> dialect.open(vertx, ownWorkers).stream())
                .toList();
        HttpServerOptions options = options();
        Framing framing = new Framing(options);
        HttpServer created = vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    if (shared.connections().admits(connection)) {
                        Silence.allow(connection, MAX_SILENCE);
                        framing.guard(connection);
                        deadline.onConnection(connection, Framing.isHttp2(connection), shared.connections()::closed);
                    }
                })
                .invalidRequestHandler(routes.guard()::refuseUndecoded)
                .requestHandler(routes.to(resources));
        server = created;
        return created.listen().onSuccess(listening -> ServerOptions.follow(shared.certificate(), created));
    }

    @Override
    public Future<?> stop() {
        Future<?> closed = server == null ? Future.succeededFuture() : server.close();
        return closed.transform(any -> workers == null ? Future.succeededFuture() : workers.close())
                .transform(
                        any -> Future.join(dialects.stream().map(Dialect::close).toList()));
    }

    /** Stops listening and completes when the requests under way are answered, or after that time at the latest. */
    public Future<Void> shutdown(Duration timeout) {
        Future<Void> done = Future.succeededFuture();
        return server == null ? done : server.shutdown(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns the port listened on. */
    public int port() {
        return server == null ? -1 : server.actualPort();
    }

    private HttpServerOptions options() {
        // Vert.x shares one random port between the instances of a verticle when asked for a negative one.
        int port = settings.port() == 0 ? -1 : settings.port();
        Duration silence = limits.request().get().plusMillis(999); // in whole seconds, and never none
        return ServerOptions.of(settings.host(), port, silence, settings.maxHeader(), shared.certificate())
                .setMaxInitialLineLength(MAX_REQUEST_LINE);
    }
}
