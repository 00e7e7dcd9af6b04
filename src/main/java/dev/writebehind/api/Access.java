package dev.writebehind.api;

import dev.writebehind.auth.Authentication;
import dev.writebehind.auth.Authenticator;
import dev.writebehind.auth.Caller;
import dev.writebehind.auth.Refusal;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.http.Problem;
import dev.writebehind.http.Problem.InvalidField;
import dev.writebehind.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/**
 * The rule who may call the native API, and for whom: servers and staff for every learner, learners for themselves.
 * Safe for any event loop.
 */
final class Access {
    private static final String FORBIDDEN = "Forbidden";

    private final Authenticator authenticator;

    Access(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    /** Completes with who a request is from, or fails with {@link ProblemException}. */
    Future<Caller> authenticate(HttpServerRequest request) {
        return authenticator.authenticate(request).map(Access::caller);
    }

    /** Throws unless the caller may see and change that learner's completions. */
    static void require(Caller caller, int userId) {
        if (!mayAct(caller, userId)) {
            throw forbidden("the token is that of user " + caller.userId() + ", not of user " + userId);
        }
    }

    /** Throws unless the caller may make all of those writes; names the first that it may not. */
    static void require(Caller caller, List<CompletionWrite> writes) {
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

    private static Caller caller(Authentication outcome) {
        if (outcome instanceof Refusal refusal) {
            throw new ProblemException(problem(refusal));
        }
        Caller caller = (Caller) outcome;
        if (caller.actsForAnyone() || caller.userId() != null) {
            return caller;
        }
        throw forbidden("the token does not tell the learner's number: get one with the scope user_id");
    }

    private static Problem problem(Refusal refusal) {
        return switch (refusal.reason()) {
            case MISSING, EXPIRED, INVALID -> Problem.of(401, "Unauthorized", refusal.detail());
            case RESTRICTED, CSRF_FAILED -> Problem.of(403, FORBIDDEN, refusal.detail());
            case UNAVAILABLE -> Problem.unavailable("authentication-unavailable", refusal.detail());
        };
    }

    private static ProblemException forbidden(String detail) {
        return new ProblemException(Problem.of(403, FORBIDDEN, detail));
    }
}
