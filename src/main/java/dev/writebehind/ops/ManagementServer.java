package dev.writebehind.ops;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.config.ManagementSettings;
import dev.writebehind.flush.DeadLetters;
import dev.writebehind.flush.Flusher;
import dev.writebehind.journal.Journal;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The management port: health for whoever supervises the service, and administration. Confined to its context. */
public final class ManagementServer extends VerticleBase {
    private static final long FLUSH_TIMEOUT_SECONDS = 60;

    private final ManagementSettings settings;
    private final Lifecycle lifecycle;
    private final Journal journal;
    private final CompletionBuffer buffer;
    private final Flusher flusher;
    private final DeadLetters deadLetters;
    private final Meters meters;
    private @Nullable HttpServer server;

    /** Creates the server for one deployment. */
    public ManagementServer(
            ManagementSettings settings,
            Lifecycle lifecycle,
            Journal journal,
            CompletionBuffer buffer,
            Flusher flusher,
            DeadLetters deadLetters) {
        this.settings = settings;
        this.lifecycle = lifecycle;
        this.journal = journal;
        this.buffer = buffer;
        this.flusher = flusher;
        this.deadLetters = deadLetters;
        this.meters = new Meters(lifecycle, journal, buffer, flusher);
    }

    @Override
    public Future<?> start() {
        Router router = Router.router(vertx);
        router.route().handler(ManagementServer::checkPath);
        router.get("/health/live").handler(ctx -> answer(ctx, 200, new JsonObject().put("status", "live")));
        router.get("/health/ready").handler(this::ready);
        router.get("/metrics").handler(this::metrics);
        router.post("/admin/flush").handler(this::flush);
        router.post("/admin/pause").handler(this::pause);
        router.post("/admin/resume").handler(this::resume);
        new DeadLetterRoutes(vertx, flusher, deadLetters).addTo(router);
        router.route("/health/live").handler(ctx -> notAllowed(ctx, HttpMethod.GET));
        router.route("/health/ready").handler(ctx -> notAllowed(ctx, HttpMethod.GET));
        router.route("/metrics").handler(ctx -> notAllowed(ctx, HttpMethod.GET));
        for (String action : List.of("/admin/flush", "/admin/pause", "/admin/resume")) {
            router.route(action).handler(ctx -> notAllowed(ctx, HttpMethod.POST));
        }
        router.route().handler(ctx -> answer(ctx, 404, new JsonObject().put("reason", "there is no such path")));
        HttpServer created = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(settings.host())
                        .setPort(settings.port())
                        .setIdleTimeout(75)
                        .setHttp2ClearTextEnabled(false))
                .requestHandler(router);
        server = created;
        return created.listen();
    }

    @Override
    public Future<?> stop() {
        return server == null ? Future.succeededFuture() : server.close();
    }

    /** Returns the port listened on. */
    public int port() {
        return server == null ? -1 : server.actualPort();
    }

    /** Refuses paths that the router can't read: it would answer those with an empty body, and log an error. */
    private static void checkPath(RoutingContext ctx) {
        try {
            ctx.normalizedPath();
        } catch (IllegalArgumentException e) {
            answer(ctx, 400, new JsonObject().put("reason", "the path is not percent-encoded correctly"));
            return;
        }
        ctx.next();
    }

    /** Ready to take writes; a database that is away does not change that while the buffer can take them. */
    private void ready(RoutingContext ctx) {
        Throwable failure = flusher.failure();
        JsonObject body = status().put("status", lifecycle.state().label())
                .put("journal", journal.state().explanation())
                .put("database", failure == null ? "ok" : "failing: " + failure.getMessage())
                .put("flushing", flusher.isPaused() ? "paused" : "on");
        answer(ctx, lifecycle.isServing() && journal.state().isHealthy() ? 200 : 503, body);
    }

    private void flush(RoutingContext ctx) {
        flusher.flushAll()
                .timeout(FLUSH_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .onSuccess(flushed -> answer(ctx, 200, status().put("status", "flushed")))
                .onFailure(failure -> {
                    if (flusher.isPaused()) {
                        answer(ctx, 409, status().put("status", "paused").put("reason", failure.getMessage()));
                        return;
                    }
                    Throwable cause = flusher.failure();
                    String reason = failure instanceof TimeoutException
                            ? "not within " + FLUSH_TIMEOUT_SECONDS + " s"
                                    + (cause == null ? "" : ": " + cause.getMessage())
                            : String.valueOf(failure.getMessage());
                    answer(ctx, 504, status().put("status", "not flushed").put("reason", reason));
                });
    }

    /** Answers when nothing is on its way to the table any more. */
    private void pause(RoutingContext ctx) {
        flusher.pause()
                .timeout(FLUSH_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .onSuccess(paused -> answer(ctx, 200, status().put("status", "paused")))
                .onFailure(failure -> answer(
                        ctx,
                        504,
                        status().put("status", "pausing")
                                .put("reason", "no further flush begins, but one is still under way")));
    }

    private void resume(RoutingContext ctx) {
        flusher.resume().onSuccess(resumed -> answer(ctx, 200, status().put("status", "resumed")));
    }

    private void metrics(RoutingContext ctx) {
        ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, Meters.CONTENT_TYPE).end(meters.scrape());
    }

    private JsonObject status() {
        return new JsonObject().put("pending_keys", buffer.pendingKeys()).put("pending_bytes", buffer.pendingBytes());
    }

    static void notAllowed(RoutingContext ctx, HttpMethod allowed) {
        ctx.response().putHeader(HttpHeaders.ALLOW, allowed.name());
        answer(ctx, 405, new JsonObject().put("reason", "this path takes " + allowed.name() + " only"));
    }

    static void answer(RoutingContext ctx, int status, JsonObject body) {
        if (!ctx.response().ended() && !ctx.response().closed()) {
            ctx.response()
                    .setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(body.toBuffer());
        }
    }
}
