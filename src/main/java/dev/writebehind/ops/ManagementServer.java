package dev.writebehind.ops;

import static java.util.Objects.requireNonNull;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.ManagementSettings;
import dev.writebehind.core.Administration;
import dev.writebehind.core.FlushResult;
import dev.writebehind.core.Reloading;
import dev.writebehind.core.Status;
import dev.writebehind.core.TakingStats;
import dev.writebehind.http.Framing;
import dev.writebehind.http.Malformed;
import dev.writebehind.http.RequestGuard;
import dev.writebehind.http.ServerOptions;
import dev.writebehind.http.StaticContent;
import dev.writebehind.tls.ServerCertificate;
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
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The management port: health for whoever supervises the service, and administration. Confined to its context. */
public final class ManagementServer extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(ManagementServer.class);
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(60);
    private static final String JSON = "application/json";
    /** After the whole process has stood still every event loop seems to, until it comes to its next turn. */
    private static final long SECOND_LOOK_MILLIS = 200;

    private static final ByteSize MAX_HEADER = ByteSize.ofKibibytes(16);

    private final ManagementSettings settings;
    private final Access access;
    private final String version;
    private final Administration service;
    private final TakingStats taking;
    private final Reloading reloading;
    private final EventLoopWatch eventLoops;
    private final Meters meters;
    private final Asked asked;
    private final StaticContent contract = StaticContent.load("openapi-management.yaml", StaticContent.YAML);
    private final RequestGuard requests = new RequestGuard(ManagementServer::refuse);
    private @Nullable HttpServer server;

    /**
     * Who may come in, and how.
     *
     * @param tokens whether a caller's token is one; null: no caller needs one
     * @param certificate null: the port is not encrypted
     */
    public record Access(
            @Nullable Predicate<String> tokens, @Nullable ServerCertificate certificate) {}

    /**
     * What it tells of, and has done.
     *
     * @param version which build this is
     */
    public record Sources(
            String version,
            Administration service,
            TakingStats taking,
            Reloading reloading,
            EventLoopWatch eventLoops,
            Meters meters) {}

    /** Creates the server for one deployment. */
    public ManagementServer(ManagementSettings settings, Access access, Sources sources) {
        this.settings = settings;
        this.access = access;
        version = sources.version();
        service = sources.service();
        taking = sources.taking();
        reloading = sources.reloading();
        eventLoops = sources.eventLoops();
        meters = sources.meters();
        asked = new Asked(service.conditions().events());
    }

    @Override
    public Future<?> start() {
        Router router = Router.router(vertx);
        PageGuard guard = new PageGuard(settings);
        router.route().handler(ctx -> {
            if (requests.refuses(ctx)) {
                return;
            }
            String fault = guard.fault(ctx.request());
            if (fault != null) {
                answer(ctx, 403, reason(fault));
            } else if (access.tokens() == null || new TokenGuard(access.tokens()).admits(ctx.request())) {
                ctx.next();
            } else {
                ctx.response().putHeader("WWW-Authenticate", "Bearer");
                answer(ctx, 401, reason("this needs a token: Authorization: Bearer …, one of management.tokens"));
            }
        });
        reading(router, "/health/live").handler(this::live);
        reading(router, "/health/ready").handler(this::ready);
        reading(router, "/metrics").handler(this::metrics);
        reading(router, "/openapi.yaml").handler(contract::send);
        router.post("/admin/flush").handler(this::flush);
        router.post("/admin/pause").handler(this::pause);
        router.post("/admin/resume").handler(this::resume);
        new StatusRoutes(vertx, service, taking, new StatusView(version, service, taking, reloading)).addTo(router);
        Dashboard.addTo(router);
        new DeadLetterRoutes(vertx, service, asked).addTo(router);
        new SettingsRoutes(reloading, asked).addTo(router);
        router.route("/health/live").handler(ctx -> notAllowed(ctx, HttpMethod.GET));
        router.route("/health/ready").handler(ctx -> notAllowed(ctx, HttpMethod.GET));
        router.route("/metrics").handler(ctx -> notAllowed(ctx, HttpMethod.GET));
        router.route("/openapi.yaml").handler(ctx -> notAllowed(ctx, HttpMethod.GET));
        for (String action : List.of("/admin/flush", "/admin/pause", "/admin/resume")) {
            router.route(action).handler(ctx -> notAllowed(ctx, HttpMethod.POST));
        }
        router.route().handler(ctx -> answer(ctx, 404, reason("there is no such path")));
        router.route().failureHandler(this::fail);
        HttpServerOptions options = ServerOptions.of(
                settings.host(), settings.port(), ServerOptions.IDLE, MAX_HEADER, access.certificate());
        HttpServer created = vertx.createHttpServer(options)
                .connectionHandler(new Framing(options)::guard)
                .invalidRequestHandler(requests::refuseUndecoded)
                .requestHandler(router);
        server = created;
        return created.listen().onSuccess(listening -> ServerOptions.follow(access.certificate(), created));
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
    static Route reading(Router router, String path) {
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

    private void ready(RoutingContext ctx) {
        Status status = service.status();
        String failure = status.flushFailure();
        JsonObject body = pending(status)
                .put("status", status.phase().label())
                .put("journal", status.journal())
                .put("database", failure == null ? "ok" : "failing: " + failure)
                .put("flushing", status.isPaused() ? "paused" : "on")
                .put("conditions", StatusView.json(status.conditions()));
        answer(ctx, status.isReady() ? 200 : 503, body);
    }

    private void flush(RoutingContext ctx) {
        here(service.flush(FLUSH_TIMEOUT)).onSuccess(result -> answer(ctx, result));
    }

    private void answer(RoutingContext ctx, FlushResult result) {
        JsonObject body = pending(service.status());
        if (result instanceof FlushResult.Flushed) {
            asked.mention(ctx.request(), "Everything was flushed");
            answer(ctx, 200, body.put("status", "flushed"));
        } else if (result instanceof FlushResult.Paused paused) {
            asked.mention(ctx.request(), "Nothing was flushed: flushing is paused");
            answer(ctx, 409, body.put("status", "paused").put("reason", paused.reason()));
        } else if (result instanceof FlushResult.NotFlushed notFlushed) {
            asked.mention(ctx.request(), "Not everything was flushed: " + notFlushed.reason());
            answer(ctx, 504, body.put("status", "not flushed").put("reason", notFlushed.reason()));
        }
    }

    private void pause(RoutingContext ctx) {
        here(service.pause(FLUSH_TIMEOUT)).onSuccess(atRest -> {
            JsonObject body = pending(service.status());
            asked.note(ctx.request(), atRest ? "Flushing was paused" : "Flushing was paused, one is still under way");
            if (atRest) {
                answer(ctx, 200, body.put("status", "paused"));
            } else {
                String reason = "no further flush begins, but one is still under way";
                answer(ctx, 504, body.put("status", "pausing").put("reason", reason));
            }
        });
    }

    private void resume(RoutingContext ctx) {
        here(service.resume()).onSuccess(resumed -> {
            asked.note(ctx.request(), "Flushing was resumed");
            answer(ctx, 200, pending(service.status()).put("status", "resumed"));
        });
    }

    private void metrics(RoutingContext ctx) {
        Blocking.call(vertx, meters::scrape)
                .onSuccess(text -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, Meters.CONTENT_TYPE)
                        .end(text))
                .onFailure(ctx::fail);
    }

    private static JsonObject pending(Status status) {
        return new JsonObject().put("pending_keys", status.pendingKeys()).put("pending_bytes", status.pendingBytes());
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
