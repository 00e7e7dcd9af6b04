package dev.writebehind.ops;

import static java.util.Objects.requireNonNull;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.condition.Condition;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.ManagementSettings;
import dev.writebehind.flush.DeadLetters;
import dev.writebehind.flush.Flusher;
import dev.writebehind.http.Framing;
import dev.writebehind.http.Malformed;
import dev.writebehind.http.RequestGuard;
import dev.writebehind.http.ServerOptions;
import dev.writebehind.journal.Journal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The management port: health for whoever supervises the service, and administration. Confined to its context. */
public final class ManagementServer extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(ManagementServer.class);
    private static final long FLUSH_TIMEOUT_SECONDS = 60;
    private static final String JSON = "application/json";
    /** After the whole process has stood still every event loop seems to, until it comes to its next turn. */
    private static final long SECOND_LOOK_MILLIS = 200;

    private final ManagementSettings settings;
    private final Lifecycle lifecycle;
    private final Journal journal;
    private final CompletionBuffer buffer;
    private final Flusher flusher;
    private final Conditions conditions;
    private final DeadLetters deadLetters;
    private final EventLoopWatch eventLoops;
    private final Meters meters;
    private final RequestGuard requests = new RequestGuard(ManagementServer::refuse);
    private @Nullable HttpServer server;

    /** Creates the server for one deployment. */
    public ManagementServer(
            ManagementSettings settings, Observed observed, DeadLetters deadLetters, EventLoopWatch eventLoops) {
        this.settings = settings;
        this.lifecycle = observed.lifecycle();
        this.journal = observed.journal();
        this.buffer = observed.buffer();
        this.flusher = observed.flusher();
        this.conditions = observed.conditions();
        this.deadLetters = deadLetters;
        this.eventLoops = eventLoops;
        this.meters = new Meters(observed);
    }

    /** The parts of the service whose state is told. */
    public record Observed(
            Lifecycle lifecycle, Journal journal, CompletionBuffer buffer, Flusher flusher, Conditions conditions) {
        public Observed {
            requireNonNull(lifecycle, "lifecycle");
            requireNonNull(journal, "journal");
            requireNonNull(buffer, "buffer");
            requireNonNull(flusher, "flusher");
            requireNonNull(conditions, "conditions");
        }
    }

    @Override
    public Future<?> start() {
        Router router = Router.router(vertx);
        PageGuard guard = new PageGuard(settings);
        router.route().handler(requests::check).handler(ctx -> {
            String fault = guard.fault(ctx.request());
            if (fault == null) {
                ctx.next();
            } else {
                answer(ctx, 403, reason(fault));
            }
        });
        reading(router, "/health/live").handler(this::live);
        reading(router, "/health/ready").handler(this::ready);
        reading(router, "/metrics").handler(this::metrics);
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
        router.route().handler(ctx -> answer(ctx, 404, reason("there is no such path")));
        router.route().failureHandler(this::fail);
        HttpServerOptions options = ServerOptions.of(settings.host(), settings.port(), ServerOptions.IDLE);
        HttpServer created = vertx.createHttpServer(options)
                .connectionHandler(new Framing(options)::guard)
                .invalidRequestHandler(requests::refuseUndecoded)
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

    /** HEAD as well: some who supervise ask so. */
    private static Route reading(Router router, String path) {
        return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
    }

    private static void refuse(HttpServerResponse response, Malformed malformed) {
        answer(response, malformed.status(), reason(malformed.detail()));
    }

    private void fail(RoutingContext ctx) {
        if (requests.refusesTarget(ctx)) {
            return;
        }
        log.error(
                "A request failed unexpectedly: {} {}",
                ctx.request().method(),
                ctx.request().path(),
                ctx.failure());
        answer(ctx, 500, reason("this is a fault of the service: see its log"));
    }

    /** Live as long as no event loop stands still; if it is the one of this port, there is no answer at all. */
    private void live(RoutingContext ctx) {
        if (eventLoops.longestStall().isZero()) {
            answerLive(ctx);
        } else {
            vertx.setTimer(SECOND_LOOK_MILLIS, again -> answerLive(ctx));
        }
    }

    private void answerLive(RoutingContext ctx) {
        Duration stall = eventLoops.longestStall();
        if (stall.isZero()) {
            answer(ctx, 200, new JsonObject().put("status", "live"));
        } else {
            String reason = "an event loop has been standing still for " + stall.toSeconds()
                    + " s, and so have its connections: see the log for where, and restart";
            answer(ctx, 503, new JsonObject().put("status", "stalled").put("reason", reason));
        }
    }

    /** Ready to take writes; a database that is away does not change that while the buffer can take them. */
    private void ready(RoutingContext ctx) {
        String failure = flusher.failure();
        JsonObject body = status().put("status", lifecycle.state().label())
                .put("journal", journal.state().explanation())
                .put("database", failure == null ? "ok" : "failing: " + failure)
                .put("flushing", flusher.isPaused() ? "paused" : "on")
                .put("conditions", json(conditions.current()));
        answer(ctx, lifecycle.isServing() && journal.state().isHealthy() ? 200 : 503, body);
    }

    private static JsonArray json(List<Condition> conditions) {
        JsonArray array = new JsonArray();
        for (Condition condition : conditions) {
            array.add(new JsonObject()
                    .put("name", condition.name().label())
                    .put("since", condition.since().toString())
                    .put("cause", condition.cause())
                    .put("action", condition.name().action()));
        }
        return array;
    }

    private void flush(RoutingContext ctx) {
        here(flusher.flushAll().timeout(FLUSH_TIMEOUT_SECONDS, TimeUnit.SECONDS))
                .onSuccess(flushed -> answer(ctx, 200, status().put("status", "flushed")))
                .onFailure(failure -> {
                    log.debug("A flush that was asked for failed", failure);
                    if (flusher.isPaused()) {
                        answer(ctx, 409, status().put("status", "paused").put("reason", failure.getMessage()));
                        return;
                    }
                    String cause = flusher.failure();
                    String reason = failure instanceof TimeoutException
                            ? "not within " + FLUSH_TIMEOUT_SECONDS + " s" + (cause == null ? "" : ": " + cause)
                            : String.valueOf(failure.getMessage());
                    answer(ctx, 504, status().put("status", "not flushed").put("reason", reason));
                });
    }

    /** Answers when nothing is on its way to the table any more. */
    private void pause(RoutingContext ctx) {
        here(flusher.pause().timeout(FLUSH_TIMEOUT_SECONDS, TimeUnit.SECONDS))
                .onSuccess(paused -> answer(ctx, 200, status().put("status", "paused")))
                .onFailure(failure -> answer(
                        ctx,
                        504,
                        status().put("status", "pausing")
                                .put("reason", "no further flush begins, but one is still under way")));
    }

    private void resume(RoutingContext ctx) {
        here(flusher.resume()).onSuccess(resumed -> answer(ctx, 200, status().put("status", "resumed")));
    }

    private void metrics(RoutingContext ctx) {
        ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, Meters.CONTENT_TYPE).end(meters.scrape());
    }

    private JsonObject status() {
        return new JsonObject().put("pending_keys", buffer.pendingKeys()).put("pending_bytes", buffer.pendingBytes());
    }

    /**
     * Returns what completes elsewhere as something that completes on the caller's context: two must not answer at
     * once.
     */
    static <T> Future<T> here(Future<T> elsewhere) {
        Context own = requireNonNull(Vertx.currentContext(), "requests are handled on a context");
        Promise<T> promise = Promise.promise();
        elsewhere.onComplete(result -> own.runOnContext(back -> promise.complete(result.result(), result.cause())));
        return promise.future();
    }

    static void notAllowed(RoutingContext ctx, HttpMethod allowed) {
        ctx.response().putHeader(HttpHeaders.ALLOW, allowed.name());
        answer(ctx, 405, reason("this path takes " + allowed.name() + " only"));
    }

    static JsonObject reason(String text) {
        return new JsonObject().put("reason", text);
    }

    static void answer(RoutingContext ctx, int status, JsonObject body) {
        answer(ctx.response(), status, body);
    }

    private static void answer(HttpServerResponse response, int status, JsonObject body) {
        if (!response.ended() && !response.closed()) {
            response.setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                    .end(body.toBuffer());
        }
    }
}
