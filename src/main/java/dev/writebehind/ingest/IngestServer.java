package dev.writebehind.ingest;

import dev.writebehind.auth.Authenticator;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.Settings;
import dev.writebehind.core.CourseReader;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.http.Framing;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The public HTTP server: one instance for each event loop, all on one port. Confined to its verticle's context. */
public final class IngestServer extends VerticleBase {
    private static final Duration IDLE = Duration.ofSeconds(75);
    private static final int MAX_REQUEST_LINE = 64 * 1024;

    private final Settings settings;
    private final Authenticator authenticator;
    private final WriteBehind service;
    private final KeyPool keys;
    private final BodyBudget bodies;
    private final BooleanSupplier accepting;
    private final List<DialectRoute> dialects;
    private @Nullable HttpServer server;
    private @Nullable CourseReader reader;
    private @Nullable BodyWorkers workers;

    /**
     * Creates an instance for one deployment.
     *
     * @param bodies what the instances share
     * @param accepting tells whether new requests are taken
     * @param dialects what is served besides the native API
     */
    public IngestServer(
            Settings settings,
            Authenticator authenticator,
            WriteBehind service,
            KeyPool keys,
            BodyBudget bodies,
            BooleanSupplier accepting,
            List<DialectRoute> dialects) {
        this.settings = settings;
        this.authenticator = authenticator;
        this.service = service;
        this.keys = keys;
        this.bodies = bodies;
        this.accepting = accepting;
        this.dialects = List.copyOf(dialects);
    }

    @Override
    public Future<?> start() {
        CourseReader ownReader = service.reader(vertx, settings.database());
        reader = ownReader;
        BodyWorkers ownWorkers = new BodyWorkers(vertx);
        workers = ownWorkers;
        ArrivalDeadline deadline = new ArrivalDeadline(vertx, settings.http().requestTimeout(), IDLE);
        Acknowledger acknowledger = new Acknowledger(service, settings.ingest().ack());
        WriteDecoder decoder = new WriteDecoder(keys, settings.ingest().maxWrites());
        WriteHandler writes = new WriteHandler(ownWorkers, service, decoder, acknowledger);
        Intake intake = new Intake(ownWorkers);
        ResetHandler resets = new ResetHandler(service, keys, acknowledger);
        Callers callers = new Callers(vertx, authenticator);
        ReadHandler reads = new ReadHandler(ownReader, keys);
        Router router = Routes.create(
                vertx,
                accepting,
                deadline,
                callers,
                new BodyReader(bodies),
                acknowledger,
                writes,
                reads,
                resets,
                dialects,
                intake);
        HttpServerOptions options = options();
        Framing framing = new Framing(options);
        HttpServer created = vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    framing.guard(connection);
                    deadline.onConnection(connection);
                })
                .invalidRequestHandler(Routes::refuseMalformed)
                .requestHandler(router);
        server = created;
        return created.listen();
    }

    @Override
    public Future<?> stop() {
        Future<?> closed = server == null ? Future.succeededFuture() : server.close();
        return closed.transform(any -> workers == null ? Future.succeededFuture() : workers.close())
                .transform(any -> reader == null ? Future.succeededFuture() : reader.close());
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
        int port = settings.http().port();
        return new HttpServerOptions()
                .setHost(settings.http().host())
                // Vert.x shares one random port between the instances of a verticle when asked for a negative one.
                .setPort(port == 0 ? -1 : port)
                .setMaxInitialLineLength(MAX_REQUEST_LINE)
                // A request that waits for its acknowledgement is silent, and still not idle.
                .setIdleTimeout((int) IDLE.plus(settings.ingest().ackTimeout()).toSeconds())
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                .setDecompressionSupported(false);
    }
}
