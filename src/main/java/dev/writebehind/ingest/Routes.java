package dev.writebehind.ingest;

import dev.writebehind.http.Malformed;
import dev.writebehind.http.MalformedRequestException;
import dev.writebehind.http.RequestTarget;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The public API's paths, and the answers for whatever none of them takes; stateless. */
final class Routes {
    private static final Logger log = LoggerFactory.getLogger(Routes.class);
    private static final String WRITES = "/v1/completions";
    private static final String LEARNER = "/v1/users/:user_id/completions";
    private static final Set<String> BODY_TYPES = Set.of("application/json", "application/x-ndjson");

    /** Set while the body reader has the request: what fails then is the client or the way to it. */
    private static final String RECEIVING = Routes.class.getName() + ".receiving";

    private Routes() {}

    static Router create(
            Vertx vertx,
            BooleanSupplier accepting,
            ArrivalDeadline deadline,
            Callers callers,
            BodyReader bodies,
            Acknowledger acknowledger,
            WriteHandler writes,
            ReadHandler reads,
            ResetHandler resets,
            List<DialectRoute> dialects,
            Intake intake) {
        Router router = Router.router(vertx);
        router.route().handler(deadline::onHead).handler(Routes::checkTarget).handler(ctx -> {
            if (accepting.getAsBoolean()) {
                ctx.next();
            } else {
                Problem.unavailable("stopping", "this instance is stopping").send(ctx.response());
            }
        });
        router.route(WRITES).handler(callers::authenticate);
        router.route(LEARNER).handler(callers::authenticate);
        router.post(WRITES)
                .handler(Routes::checkType)
                .handler(acknowledger::checkHead)
                .handler(Routes::beginReceiving);
        router.post(WRITES).handler(bodies::handle);
        router.post(WRITES)
                .handler(Routes::endReceiving)
                .handler(deadline::onArrival)
                .handler(BodyReader.handing(writes::handle));
        router.get(LEARNER).handler(deadline::onArrival).handler(reads::handle);
        router.delete(LEARNER)
                .handler(acknowledger::checkHead)
                .handler(deadline::onArrival)
                .handler(resets::handle);
        router.route(WRITES).handler(notAllowed(HttpMethod.POST));
        router.route(LEARNER).handler(notAllowed(HttpMethod.GET, HttpMethod.DELETE));
        dialects.forEach(dialect -> mount(router, dialect, bodies, deadline, callers, intake));
        router.route()
                .handler(ctx -> Problem.of(404, "Not found", "there is no such path: see docs/api.md")
                        .send(ctx.response()));
        router.route().failureHandler(Routes::fail);
        return router;
    }

    private static void mount(
            Router router,
            DialectRoute dialect,
            BodyReader bodies,
            ArrivalDeadline deadline,
            Callers callers,
            Intake intake) {
        Handler<RoutingContext> authenticating = ctx -> callers.authenticate(ctx, dialect::onAuthentication);
        router.route(dialect.path()).handler(authenticating).handler(Routes::beginReceiving);
        router.route(dialect.path()).handler(bodies::handle);
        router.route(dialect.path())
                .handler(Routes::endReceiving)
                .handler(deadline::onArrival)
                .handler(BodyReader.handing((ctx, body) -> dialect.onArrival(ctx, body, intake)));
    }

    private static void beginReceiving(RoutingContext ctx) {
        ctx.put(RECEIVING, true);
        ctx.next();
    }

    private static void endReceiving(RoutingContext ctx) {
        ctx.remove(RECEIVING);
        ctx.next();
    }

    /** Answers what is not HTTP, or more of it than is taken, and hangs up: nothing after it can be told apart. */
    static void refuseMalformed(HttpServerRequest request) {
        problem(Malformed.of(request)).send(request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
        request.connection().close();
    }

    private static Problem problem(Malformed malformed) {
        return Problem.of(malformed.status(), malformed.title(), malformed.detail());
    }

    private static void checkTarget(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            // Until somebody reads the body.
            request.exceptionHandler(failure -> refuseBody(ctx, failure));
        }
        Malformed fault = RequestTarget.fault(request);
        if (fault == null) {
            ctx.next();
        } else {
            refuseTarget(ctx, fault);
        }
    }

    /** What follows a CONNECT would be the tunnel's. */
    private static void refuseTarget(RoutingContext ctx, Malformed fault) {
        if (ctx.request().method().equals(HttpMethod.CONNECT)) {
            problem(fault).send(ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
            ctx.request().connection().close();
        } else {
            problem(fault).send(ctx.response());
        }
    }

    /** Nothing behind a broken chunk can be told apart: the connection is about to be closed. */
    private static void refuseBody(RoutingContext ctx, Throwable failure) {
        log.debug("The body of a request failed", failure);
        if (failure instanceof MalformedRequestException && !ctx.response().ended()) {
            problem(Malformed.of(failure)).send(ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
        }
    }

    private static void checkType(RoutingContext ctx) {
        String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        String name = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        String encoding = ctx.request().getHeader(HttpHeaders.CONTENT_ENCODING);
        if (!BODY_TYPES.contains(name)) {
            Problem.of(415, "Unsupported media type", "send application/json or application/x-ndjson")
                    .send(ctx.response());
        } else if (encoding != null && !"identity".equalsIgnoreCase(encoding)) {
            Problem.of(415, "Unsupported media type", "send the body without content encoding")
                    .send(ctx.response());
        } else {
            ctx.next();
        }
    }

    private static Handler<RoutingContext> notAllowed(HttpMethod... allowed) {
        String names = Arrays.stream(allowed).map(HttpMethod::name).collect(Collectors.joining(", "));
        return ctx -> {
            ctx.response().putHeader(HttpHeaders.ALLOW, names);
            Problem.of(405, "Method not allowed", "this path takes " + names + " only")
                    .send(ctx.response());
        };
    }

    private static void fail(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        log.debug("A request failed", failure);
        if (failure == null) {
            // The router itself fails what does not begin with a slash.
            Malformed fault = RequestTarget.fault(ctx.request());
            if (fault != null) {
                refuseTarget(ctx, fault);
                return;
            }
            failure = new IllegalStateException("status " + ctx.statusCode());
        }
        if (failure instanceof MalformedRequestException) {
            refuseBody(ctx, failure);
        } else if (ctx.statusCode() == 417) {
            Problem.of(417, "Expectation failed", "no expectation but 100-continue can be met")
                    .send(ctx.response());
        } else if (ctx.statusCode() >= 400 && ctx.statusCode() < 500) {
            Problem.of(ctx.statusCode(), "Bad request", detail(failure)).send(ctx.response());
        } else if (ctx.get(RECEIVING) != null) {
            Problem.of(400, "Bad request", "the body did not arrive whole: " + failure.getMessage())
                    .send(ctx.response());
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
