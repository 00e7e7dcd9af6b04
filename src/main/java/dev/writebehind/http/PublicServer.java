package dev.writebehind.http;

import dev.writebehind.config.HttpSettings;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The public HTTP server: one instance for each event loop, all on one port. Confined to its verticle's context. */
public final class PublicServer extends VerticleBase {
    private static final int MAX_REQUEST_LINE = 64 * 1024;

    private final HttpSettings settings;
    private final Duration longestAnswer;
    private final BodyBudget bodies;
    private final BooleanSupplier accepting;
    private final List<Dialect> dialects;
    private @Nullable HttpServer server;
    private @Nullable BodyWorkers workers;

    /**
     * Creates an instance for one deployment.
     *
     * @param longestAnswer how long a request that has arrived may take: it is silent meanwhile, and still not idle
     * @param bodies what the instances share
     * @param accepting tells whether new requests are taken
     * @param dialects this instance's own
     */
    public PublicServer(
            HttpSettings settings,
            Duration longestAnswer,
            BodyBudget bodies,
            BooleanSupplier accepting,
            List<Dialect> dialects) {
        this.settings = settings;
        this.longestAnswer = longestAnswer;
        this.bodies = bodies;
        this.accepting = accepting;
        this.dialects = List.copyOf(dialects);
    }

    @Override
    public Future<?> start() {
        BodyWorkers ownWorkers = new BodyWorkers(vertx);
        workers = ownWorkers;
        ArrivalDeadline deadline = new ArrivalDeadline(vertx, settings.requestTimeout(), ServerOptions.IDLE);
        Routes routes = new Routes(vertx, accepting, deadline, new BodyReader(bodies));
        List<Resource> resources = dialects.stream()
                .flatMap(dialect -> dialect.open(vertx, ownWorkers).stream())
                .toList();
        HttpServerOptions options = options();
        Framing framing = new Framing(options);
        HttpServer created = vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    framing.guard(connection);
                    deadline.onConnection(connection);
                })
                .invalidRequestHandler(routes.guard()::refuseUndecoded)
                .requestHandler(routes.to(resources));
        server = created;
        return created.listen();
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
        return ServerOptions.of(settings.host(), port, ServerOptions.IDLE.plus(longestAnswer))
                .setMaxInitialLineLength(MAX_REQUEST_LINE);
    }
}
