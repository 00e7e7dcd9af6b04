package dev.writebehind.ingest;

import dev.writebehind.completion.KeyPool;
import dev.writebehind.core.WriteBehind;
import io.vertx.ext.web.RoutingContext;

/** {@code DELETE /v1/users/{user_id}/completions}: resets a learner's course. Safe for any event loop. */
final class ResetHandler {
    private final WriteBehind service;
    private final KeyPool keys;
    private final Acknowledger acknowledger;

    ResetHandler(WriteBehind service, KeyPool keys, Acknowledger acknowledger) {
        this.service = service;
        this.keys = keys;
        this.acknowledger = acknowledger;
    }

    void handle(RoutingContext ctx) {
        LearnerRequest request;
        try {
            request = LearnerRequest.of(ctx, keys);
            if (!request.blocks().isEmpty()) {
                throw LearnerRequest.invalid("block_key", "is not taken: only a whole course can be reset");
            }
        } catch (ProblemException e) {
            e.problem().send(ctx.response());
            return;
        }
        acknowledger.answer(ctx, service.reset(request.learnerCourse(), acknowledger.wanted(ctx)));
    }
}
