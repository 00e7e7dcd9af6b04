package dev.writebehind.api;

import dev.writebehind.auth.Caller;
import dev.writebehind.http.Problem;
import dev.writebehind.http.Reception;
import dev.writebehind.http.Resource;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;

/**
 * {@code /v1/users/{user_id}/completions}: a learner's completions in a course. Confined to the event loop of its
 * reader.
 */
final class LearnerResource implements Resource {
    private final Access access;
    private final ReadHandler reads;
    private final ResetHandler resets;

    LearnerResource(Access access, ReadHandler reads, ResetHandler resets) {
        this.access = access;
        this.reads = reads;
        this.resets = resets;
    }

    @Override
    public String path() {
        return "/v1/users/:user_id/completions";
    }

    @Override
    public Future<Reception> onHead(RoutingContext ctx) {
        return access.authenticate(ctx.request()).map(caller -> reception(ctx, caller));
    }

    private Reception reception(RoutingContext ctx, Caller caller) {
        HttpMethod method = ctx.request().method();
        if (method.equals(HttpMethod.GET)) {
            return reads.reception(ctx, caller);
        }
        if (method.equals(HttpMethod.DELETE)) {
            return resets.reception(ctx, caller);
        }
        Problem.sendNotAllowed(ctx.response(), HttpMethod.GET, HttpMethod.DELETE);
        return new Reception.Answered();
    }
}
