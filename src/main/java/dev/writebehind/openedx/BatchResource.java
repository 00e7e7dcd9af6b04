package dev.writebehind.openedx;

import dev.writebehind.auth.Authentication;
import dev.writebehind.auth.Authenticator;
import dev.writebehind.auth.Caller;
import dev.writebehind.auth.Refusal;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.core.NotTaken;
import dev.writebehind.core.Outcome;
import dev.writebehind.core.Taking;
import dev.writebehind.core.Waiting;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.http.BodyWorkers;
import dev.writebehind.http.Reception;
import dev.writebehind.http.RequestBody;
import dev.writebehind.http.Resource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/completion/v1/completion-batch} as the LMS serves it: the same checks in the same order, the same
 * answers. Confined to the event loop that it was opened for.
 */
final class BatchResource implements Resource {
    static final String PATH = "/api/completion/v1/completion-batch";

    private static final Logger log = LoggerFactory.getLogger(BatchResource.class);
    /** Larger bodies are read on a worker: it takes an event loop some milliseconds. */
    private static final int LARGE_BODY = 128 * 1024;
    /** And larger batches checked there. */
    private static final int LARGE_BATCH = 1_000;

    private final Waiting waiting;
    private final BodyWorkers workers;
    private final Authenticator authenticator;
    private final BatchChecks checks;
    private final WriteBehind service;
    private final Supplier<Acknowledgement> ack;

    /**
     * Creates it for one event loop.
     *
     * @param ack the acknowledgement that is waited for
     */
    BatchResource(
            Vertx vertx,
            BodyWorkers workers,
            Authenticator authenticator,
            BatchChecks checks,
            WriteBehind service,
            Supplier<Acknowledgement> ack) {
        this.waiting = Waiting.on(vertx);
        this.workers = workers;
        this.authenticator = authenticator;
        this.checks = checks;
        this.service = service;
        this.ack = ack;
    }

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public Future<Reception> onHead(RoutingContext ctx) {
        return authenticator.authenticate(ctx.request()).map(outcome -> reception(ctx, outcome));
    }

    private Reception reception(RoutingContext ctx, Authentication outcome) {
        String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (outcome instanceof Refusal refusal) {
            refuse(refusal).send(ctx.response());
        } else if (RequestData.isMultipart(type)) {
            RequestData.unsupported(type).answer().send(ctx.response());
        } else if (outcome instanceof Caller caller) {
            return new Reception.WithBody(caller.learner(), body -> answer(ctx, caller, body));
        }
        return new Reception.Answered();
    }

    private static Answer refuse(Refusal refusal) {
        return switch (refusal.reason()) {
            case MISSING -> new Answer(401, "Authentication credentials were not provided.");
            case EXPIRED -> new Answer(401, "Token has expired.");
            case INVALID -> new Answer(401, "Invalid token.");
            case RESTRICTED -> Answer.FORBIDDEN;
            case CSRF_FAILED -> new Answer(403, "CSRF Failed: " + refusal.detail());
            case UNAVAILABLE -> Answer.unavailable(refusal.detail());
        };
    }

    private void answer(RoutingContext ctx, Caller caller, RequestBody body) {
        boolean isPost = ctx.request().method().equals(HttpMethod.POST);
        Future<Void> answered = isPost ? post(ctx, caller, body) : other(ctx, caller, body);
        answered.onComplete(done -> body.release()).onFailure(failure -> {
            Answer answer = answerOf(failure);
            if (!(failure instanceof Refused)) {
                log.debug("A call failed", failure);
            }
            if (answer == null) {
                ctx.fail(failure);
            } else {
                answer.send(ctx.response());
            }
        });
    }

    private Future<Void> post(RoutingContext ctx, Caller caller, RequestBody body) {
        return data(ctx, body)
                .compose(data -> checks.permit(caller, Batch.isAbout(data, caller.username()))
                        .compose(permitted -> checks.requireTracking())
                        .compose(tracking -> writes(Batch.of(data), body))
                        .compose(writes -> {
                            body.release();
                            return writes.isEmpty() ? Future.succeededFuture() : take(ctx, writes);
                        })
                        .onSuccess(taken -> Answer.OK.send(ctx.response())));
    }

    private Future<Void> take(RoutingContext ctx, List<CompletionWrite> writes) {
        Taking taking = service.take(writes, ack.get());
        ctx.response().closeHandler(closed -> taking.abandon());
        return taking.outcome(waiting).compose(BatchResource::taken);
    }

    private static Future<Void> taken(Outcome outcome) {
        return outcome instanceof NotTaken no ? Future.failedFuture(refuse(no).refused()) : Future.succeededFuture();
    }

    private static Answer refuse(NotTaken no) {
        return switch (no.reason()) {
            case BUFFER_FULL, JOURNAL_BEHIND, JOURNAL_UNAVAILABLE, NOT_ACKNOWLEDGED -> Answer.unavailable(no.detail());
            case NOT_YET_FLUSHED -> new Answer(504, no.detail());
            case REFUSED_BY_DATABASE -> new Answer(422, no.detail());
        };
    }

    /** What the LMS says to other methods: it looks who asks before it looks what for. */
    private Future<Void> other(RoutingContext ctx, Caller caller, RequestBody body) {
        boolean named = caller.username() != null
                && ctx.queryParams().getAll("username").contains(caller.username());
        return checks.permit(caller, named)
                .recover(failure -> failure instanceof Refused
                        ? data(ctx, body).compose(data -> checks.permit(caller, Batch.isAbout(data, caller.username())))
                        : Future.failedFuture(failure))
                .onSuccess(permitted -> {
                    String method = ctx.request().method().name();
                    if (method.equals("OPTIONS")) {
                        Answer.send(ctx.response(), 200, description());
                    } else {
                        new Answer(405, "Method \"" + method + "\" not allowed.").send(ctx.response());
                    }
                });
    }

    private static JsonObject description() {
        return new JsonObject()
                .put("name", "Completion Batch")
                .put("description", "Handles API requests to submit batch completions.")
                .put("renders", new JsonArray().add("application/json"))
                .put("parses", new JsonArray().add("application/json").add("application/x-www-form-urlencoded"));
    }

    private Future<List<CompletionWrite>> writes(Batch batch, RequestBody body) {
        return checks.learner(batch)
                .compose(user -> batch.size() <= LARGE_BATCH && body.length() <= LARGE_BODY
                        ? Future.succeededFuture(checks.writes(batch, user))
                        : workers.run(() -> checks.writes(batch, user)));
    }

    private Future<RequestData> data(RoutingContext ctx, RequestBody body) {
        String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (body.length() > LARGE_BODY) {
            return workers.run(() -> RequestData.of(type, body.bytes(), body.length()));
        }
        try {
            return Future.succeededFuture(RequestData.of(type, body.bytes(), body.length()));
        } catch (Refused e) {
            return Future.failedFuture(e);
        }
    }

    private static @Nullable Answer answerOf(Throwable failure) {
        if (failure instanceof Refused refused) {
            return refused.answer();
        }
        return failure instanceof UnreadableException
                ? Answer.unavailable("the LMS's tables can't be read now: try again")
                : null;
    }
}
