package dev.writebehind.ingest;

import static java.util.Objects.requireNonNull;

import dev.writebehind.auth.Authentication;
import dev.writebehind.auth.Authenticator;
import dev.writebehind.auth.Caller;
import dev.writebehind.auth.Refusal;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.ingest.Problem.InvalidField;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Who calls the native API, and for whom: servers and staff for every learner, learners for themselves. Safe for any
 * event loop.
 */
final class Callers {
    private static final String CALLER = Callers.class.getName() + ".caller";
    private static final String FORBIDDEN = "Forbidden";

    private final Vertx vertx;
    private final Authenticator authenticator;

    Callers(Vertx vertx, Authenticator authenticator) {
        this.vertx = vertx;
        this.authenticator = authenticator;
    }

    /** Lets a request pass once it is known who it is from; its body is not read before. */
    void authenticate(RoutingContext ctx) {
        authenticate(ctx, Callers::settle);
    }

    /** Hands over who a request is from; its body waits until then. */
    void authenticate(RoutingContext ctx, BiConsumer<RoutingContext, Authentication> settling) {
        Future<Authentication> outcome = authenticator.authenticate(ctx.request());
        if (outcome.isComplete()) {
            settle(ctx, outcome, settling);
            return;
        }
        Context own = vertx.getOrCreateContext();
        ctx.request().pause();
        outcome.onComplete(later -> own.runOnContext(resumed -> {
            settle(ctx, outcome, settling);
            ctx.request().resume();
        }));
    }

    private static void settle(
            RoutingContext ctx, Future<Authentication> outcome, BiConsumer<RoutingContext, Authentication> settling) {
        if (outcome.failed()) {
            ctx.fail(outcome.cause());
        } else {
            if (outcome.result() instanceof Caller caller) {
                ctx.put(CALLER, caller);
            }
            settling.accept(ctx, outcome.result());
        }
    }

    private static void settle(RoutingContext ctx, Authentication outcome) {
        if (outcome instanceof Refusal refusal) {
            refuse(ctx, refusal);
        } else if (outcome instanceof Caller caller) {
            if (caller.actsForAnyone() || caller.userId() != null) {
                ctx.next();
            } else {
                Problem.of(
                                403,
                                FORBIDDEN,
                                "the token does not tell the learner's number: get one with the scope user_id")
                        .send(ctx.response());
            }
        }
    }

    private static void refuse(RoutingContext ctx, Refusal refusal) {
        switch (refusal.reason()) {
            case MISSING, EXPIRED, INVALID -> {
                ctx.response().putHeader("www-authenticate", "Bearer");
                Problem.of(401, "Unauthorized", refusal.detail()).send(ctx.response());
            }
            case RESTRICTED, CSRF_FAILED ->
                Problem.of(403, FORBIDDEN, refusal.detail()).send(ctx.response());
            case UNAVAILABLE ->
                Problem.unavailable("authentication-unavailable", refusal.detail())
                        .send(ctx.response());
        }
    }

    /** Returns who an authenticated request is from. */
    static Caller of(RoutingContext ctx) {
        return requireNonNull(ctx.<Caller>get(CALLER), "the route does not authenticate");
    }

    /** Throws unless the caller may see and change that learner's completions. */
    static void requireAccess(Caller caller, int userId) {
        if (!mayAct(caller, userId)) {
            throw new ProblemException(Problem.of(
                    403, FORBIDDEN, "the token is that of user " + caller.userId() + ", not of user " + userId));
        }
    }

    /** Throws unless the caller may make all of those writes; names the first that it may not. */
    static void requireAccess(Caller caller, List<CompletionWrite> writes) {
        for (int i = 0; i < writes.size(); i++) {
            if (!mayAct(caller, writes.get(i).key().userId())) {
                String reason = "must be " + caller.userId() + ", the user whose token this is";
                throw new ProblemException(new Problem(
                        null,
                        403,
                        FORBIDDEN,
                        "write " + i + ": user_id " + reason + "; none of the writes is taken",
                        List.of(new InvalidField(i, "user_id", reason))));
            }
        }
    }

    private static boolean mayAct(Caller caller, int userId) {
        return caller.actsForAnyone() || (caller.userId() != null && caller.userId() == userId);
    }
}
