package dev.writebehind.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of every request of the public port to its resource, and the answers for whatever none of them takes.
 * Confined to its server's event loop.
 */
final class Routes {
    private static final Logger log = LoggerFactory.getLogger(Routes.class);

    private final Vertx vertx;
    private final BooleanSupplier accepting;
    private final ArrivalDeadline deadline;
    private final BodyReader bodies;
    private final RequestObserver observer;
    private final RequestGuard guard = new RequestGuard(
            (response, malformed) -> Problem.of(malformed.status(), malformed.title(), malformed.detail())
                    .send(response));

    Routes(
            Vertx vertx,
            BooleanSupplier accepting,
            ArrivalDeadline deadline,
            BodyReader bodies,
            RequestObserver observer) {
        this.vertx = vertx;
        this.accepting = accepting;
        this.deadline = deadline;
        this.bodies = bodies;
        this.observer = observer;
    }

    RequestGuard guard() {
        return guard;
    }

    Router to(List<Resource> resources) {
        Router router = Router.router(vertx);
        router.route().handler(this::admit);
        resources.forEach(resource -> router.route(resource.path()).handler(ctx -> receive(ctx, resource)));
        router.route()
                .handler(ctx -> Problem.of(404, "Not found", "there is no such path: see docs/api.md")
                        .send(ctx.response()));
        router.route().failureHandler(this::fail);
        return router;
    }

    /** Lets a request go on to its resource, unless it is answered here. */
    private void admit(RoutingContext ctx) {
        deadline.onHead(ctx);
        if (guard.refuses(ctx)) {
            return;
        }
        if (accepting.getAsBoolean()) {
            ctx.next();
        } else {
            Problem.unavailable("stopping", "this instance is stopping").send(ctx.response());
        }
    }

    private void receive(RoutingContext ctx, Resource resource) {
        long begun = System.nanoTime();
        ctx.addEndHandler(ended -> observer.answered(
                resource.path(),
                ended.succeeded() && ctx.response().ended() ? ctx.response().getStatusCode() : RequestObserver.ABORTED,
                System.nanoTime() - begun));
        Future<Reception> decision = resource.onHead(ctx);
        if (decision.isComplete()) {
            proceed(ctx, decision);
            return;
        }
        Context own = vertx.getOrCreateContext();
        ctx.request().pause();
        decision.onComplete(later -> own.runOnContext(resumed -> {
            // Whoever has left meanwhile is told nothing, and nothing is held for them that nobody would give back.
            if (!ctx.response().closed()) {
                proceed(ctx, decision);
                ctx.request().resume();
            }
        }));
    }

    private void proceed(RoutingContext ctx, Future<Reception> decision) {
        try {
            if (decision.failed()) {
                ctx.fail(decision.cause());
            } else if (decision.result() instanceof Reception.WithoutBody reception) {
                deadline.onArrival(ctx);
                reception.answering().run();
            } else if (decision.result() instanceof Reception.WithBody reception) {
                bodies.read(ctx, reception.learner(), body -> arrived(ctx, body, reception.answering()));
            }
        } catch (RuntimeException | Error e) {
            ctx.fail(e);
        }
    }

    private void arrived(RoutingContext ctx, RequestBody body, Consumer<RequestBody> answering) {
        if (ctx.response().ended()) { // as too late
            body.release();
            return;
        }
        deadline.onArrival(ctx);
        try {
            answering.accept(body);
        } catch (RuntimeException | Error e) {
            body.release();
            ctx.fail(e);
        }
    }

    private void fail(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        if (failure instanceof ProblemException wrong) {
            wrong.problem().send(ctx.response());
            return;
        }
        log.debug("A request failed", failure);
        if (failure == null) {
            // The router itself fails what does not begin with a slash.
            if (guard.refusesTarget(ctx)) {
                return;
            }
            failure = new IllegalStateException("status " + ctx.statusCode());
        }
        if (failure instanceof MalformedRequestException) {
            guard.refuseBody(ctx, failure);
        } else if (ctx.statusCode() >= 400 && ctx.statusCode() < 500) {
            Problem.of(ctx.statusCode(), "Bad request", detail(failure)).send(ctx.response());
        } else if (!ctx.response().closed()) {
            log.error(
                    "A request failed unexpectedly: {} {}",
                    ctx.request().method(),
                    ctx.request().path(),
                    failure);
            Problem.of(500, "Internal error", "this is a fault of the service: see its log")
                    .send(ctx.response());
        }
    }

    private static String detail(Throwable failure) {
        return failure.getMessage() == null ? "it can't be read: " + failure : failure.getMessage();
    }
}
