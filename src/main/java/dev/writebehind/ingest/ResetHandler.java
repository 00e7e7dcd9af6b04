package dev.writebehind.ingest;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.FlushTicket;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.journal.Journal;
import io.vertx.ext.web.RoutingContext;

/**
 * {@code DELETE /v1/users/{user_id}/completions}: resets a learner's course, ordered with the writes before and after
 * it. It is acknowledged by the journal at least: one that a crash undoes would bring rows back. Safe for any event loop.
 */
final class ResetHandler {
    private final Journal journal;
    private final CompletionBuffer buffer;
    private final KeyPool keys;
    private final Acknowledger acknowledger;

    ResetHandler(Journal journal, CompletionBuffer buffer, KeyPool keys, Acknowledger acknowledger) {
        this.journal = journal;
        this.buffer = buffer;
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
        acknowledger.answer(ctx.response(), reset(request.learnerCourse(), acknowledger.wanted(ctx)));
    }

    private Offer reset(LearnerCourse learnerCourse, Acknowledgement ack) {
        if (!journal.hasRoom(1)) {
            return Offer.journalBehind();
        }
        if (ack == Acknowledgement.DATABASE) {
            FlushTicket ticket = new FlushTicket();
            return buffer.reset(learnerCourse, ticket) ? new Offer.Flushing(1, journal.sync(), ticket) : Offer.full();
        }
        return buffer.reset(learnerCourse, null) ? new Offer.Journaling(1, journal.sync()) : Offer.full();
    }
}
