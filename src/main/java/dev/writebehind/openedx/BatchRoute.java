package dev.writebehind.openedx;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writebehind.auth.Authentication;
import dev.writebehind.auth.Caller;
import dev.writebehind.auth.Refusal;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.IngestSettings;
import dev.writebehind.core.NotTaken;
import dev.writebehind.core.Outcome;
import dev.writebehind.core.Taking;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.ingest.DialectRoute;
import dev.writebehind.ingest.Intake;
import dev.writebehind.ingest.RequestBody;
import dev.writebehind.store.LmsUser;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/completion/v1/completion-batch} as the LMS serves it: the same checks in the same order, the same
 * answers. Safe for any event loop.
 */
public final class BatchRoute implements DialectRoute {
    static final String PATH = "/api/completion/v1/completion-batch";

    private static final Logger log = LoggerFactory.getLogger(BatchRoute.class);
    private static final String CALLER = BatchRoute.class.getName() + ".caller";
    /** Larger bodies are read on a worker: it takes an event loop some milliseconds. */
    private static final int LARGE_BODY = 128 * 1024;
    /** And larger batches checked there. */
    private static final int LARGE_BATCH = 1_000;

    private final Vertx vertx;
    private final LmsDirectory directory;
    private final KeyPool keys;
    private final WriteBehind service;
    private final IngestSettings settings;

    /**
     * Creates the route.
     *
     * @param settings the acknowledgement that is waited for, and the most blocks in one call
     */
    public BatchRoute(Vertx vertx, LmsDirectory directory, KeyPool keys, WriteBehind service, IngestSettings settings) {
        this.vertx = vertx;
        this.directory = directory;
        this.keys = keys;
        this.service = service;
        this.settings = settings;
    }

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public void onAuthentication(RoutingContext ctx, Authentication outcome) {
        if (outcome instanceof Refusal refusal) {
            refuse(refusal).send(ctx.response());
        } else if (outcome instanceof Caller caller) {
            String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
            if (RequestData.isMultipart(type)) {
                RequestData.unsupported(type).answer().send(ctx.response());
            } else {
                ctx.put(CALLER, caller);
                ctx.next();
            }
        }
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

    @Override
    public void onArrival(RoutingContext ctx, RequestBody body, Intake intake) {
        Caller caller = requireNonNull(ctx.<Caller>get(CALLER), "the route authenticates");
        boolean isPost = ctx.request().method().equals(HttpMethod.POST);
        Future<Void> answered = isPost ? post(ctx, caller, body, intake) : other(ctx, caller, body, intake);
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

    private Future<Void> post(RoutingContext ctx, Caller caller, RequestBody body, Intake intake) {
        return data(ctx, body, intake)
                .compose(data -> permit(caller, Batch.isAbout(data, caller.username()))
                        .compose(permitted -> directory.isTracking(vertx))
                        .compose(tracking -> {
                            if (!tracking) {
                                throw Answer.bad("BlockCompletion.objects.submit_batch_completion should not be called"
                                                + " when the feature is disabled.")
                                        .refused();
                            }
                            return writes(Batch.of(data), body, intake);
                        })
                        .compose(writes -> {
                            body.release();
                            return writes.isEmpty() ? Future.succeededFuture() : take(ctx, writes);
                        })
                        .onSuccess(taken -> Answer.OK.send(ctx.response())));
    }

    private Future<Void> take(RoutingContext ctx, List<CompletionWrite> writes) {
        Taking taking = service.take(writes, settings.ack());
        ctx.response().closeHandler(closed -> taking.abandon());
        return taking.outcome(vertx.getOrCreateContext()).compose(BatchRoute::taken);
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
    private Future<Void> other(RoutingContext ctx, Caller caller, RequestBody body, Intake intake) {
        boolean named = caller.username() != null
                && ctx.queryParams().getAll("username").contains(caller.username());
        return permit(caller, named)
                .recover(failure -> failure instanceof Refused
                        ? data(ctx, body, intake)
                                .compose(data -> permit(caller, Batch.isAbout(data, caller.username())))
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

    /** Succeeds for the owner and for staff. */
    private Future<Void> permit(Caller caller, boolean isOwner) {
        if (isOwner || caller.actsForAnyone()) {
            return Future.succeededFuture();
        }
        String username = caller.username();
        if (username == null || caller.staff() == Caller.Staff.NO) {
            return Future.failedFuture(Answer.FORBIDDEN.refused());
        }
        return directory
                .user(vertx, username)
                .compose(found -> found.filter(LmsUser::isStaff).isPresent()
                        ? Future.succeededFuture()
                        : Future.failedFuture(Answer.FORBIDDEN.refused()));
    }

    private Future<List<CompletionWrite>> writes(Batch batch, RequestBody body, Intake intake) {
        return user(batch.username()).compose(user -> {
            String course = batch.course();
            Future<Boolean> enrolled = Batch.hasEnrolments(course)
                    ? directory.isEnrolled(vertx, user.id(), course)
                    : Future.succeededFuture(true);
            return enrolled.compose(isEnrolled -> {
                if (!isEnrolled) {
                    throw Answer.bad("User is not enrolled in course.").refused();
                }
                if (batch.size() > settings.maxWrites()) {
                    throw Answer.bad("blocks holds more than " + settings.maxWrites()
                                    + " blocks: send them in several calls")
                            .refused();
                }
                return batch.size() <= LARGE_BATCH && body.length() <= LARGE_BODY
                        ? Future.succeededFuture(batch.writes(user.id(), course, keys))
                        : intake.readAside(() -> batch.writes(user.id(), course, keys));
            });
        });
    }

    private Future<LmsUser> user(JsonNode username) {
        Future<Optional<LmsUser>> found = username.isNull()
                ? Future.succeededFuture(Optional.empty())
                : directory.user(vertx, Python.str(username));
        return found.map(
                user -> user.orElseThrow(() -> new Answer(404, "User matching query does not exist.").refused()));
    }

    private static Future<RequestData> data(RoutingContext ctx, RequestBody body, Intake intake) {
        String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (body.length() > LARGE_BODY) {
            return intake.readAside(() -> RequestData.of(type, body.bytes(), body.length()));
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
