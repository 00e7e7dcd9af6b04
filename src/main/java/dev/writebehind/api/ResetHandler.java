package dev.writebehind.api;

import dev.writebehind.auth.Caller;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.http.QueryString;
import dev.writebehind.http.Reception;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;

/**
 * The handler of {@code DELETE /v1/users/{user_id}/completions}, which resets a learner's course. Safe for any event
 * loop.
 */
final class ResetHandler {
    private final WriteBehind service;
    private final KeyPool keys;
    private final Acknowledger acknowledger;

    ResetHandler(WriteBehind service, KeyPool keys, Acknowledger acknowledger) {
        this.service = service;
        this.keys = keys;
        this.acknowledger = acknowledger;
    }

    Reception reception(RoutingContext ctx, Caller caller) {
        QueryString query = QueryString.of(ctx.request());
        Terms terms = acknowledger.terms(query);
        LearnerRequest request = LearnerRequest.of(ctx.pathParam("user_id"), query, caller, keys);
        if (!request.blocks().isEmpty()) {
            throw LearnerRequest.invalid("block_key", "is not taken: only a whole course can be reset");
        }
        String moment = query.one("before");
        long before = moment == null ? CourseReset.RECEIPT : before(moment);
        return new Reception.WithoutBody(() -> acknowledger.answer(
                ctx, service.reset(request.learnerCourse(), before, terms.ack(), terms.timeout()), null));
    }

    private static long before(String text) {
        try {
            return MomentText.micros(text);
        } catch (DateTimeException e) {
            throw LearnerRequest.invalid("before", "must be a moment such as 2026-11-26T20:35:12.123456Z");
        }
    }
}
