package dev.writebehind.core;

import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.core.NotTaken.Reason;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes between their taking and the acknowledgement that was asked for. Safe for any thread. */
public final class Taking {
    private static final Logger log = LoggerFactory.getLogger(Taking.class);
    private static final NotTaken NOT_YET_FLUSHED =
            new NotTaken(Reason.NOT_YET_FLUSHED, "it is accepted and will be flushed; no need to send it again");

    private final Offer offer;
    private final Duration timeout;
    private final TakingStats stats;

    Taking(Offer offer, Duration timeout, TakingStats stats) {
        this.offer = offer;
        this.timeout = timeout;
        this.stats = stats;
    }

    /** Lets the service forget that somebody waits for the table: nobody does any more. */
    public void abandon() {
        if (offer instanceof Offer.Flushing flushing) {
            flushing.ticket().cancel();
        }
    }

    /**
     * Returns what completes on its context, never with a failure: as soon as the acknowledgement is reached, or it
     * is known that it will not be, or the time for it is over.
     */
    public Future<Outcome> outcome(Waiting waiting) {
        return reached(waiting).onSuccess(stats::outcome);
    }

    private Future<Outcome> reached(Waiting waiting) {
        if (offer instanceof Offer.Refused refused) {
            return Future.succeededFuture(refused.no());
        }
        if (offer instanceof Offer.Journaling journaling) {
            return waiting.until(
                    journaling.durable(), waiting.deadline(timeout), acknowledged(Acknowledgement.JOURNAL));
        }
        return offer instanceof Offer.Flushing flushing
                ? flushed(waiting, flushing)
                : Future.succeededFuture(acknowledged(Acknowledgement.MEMORY));
    }

    /** Also durable: what is in the table might, after a crash, be undone by what the journal holds from before it. */
    private Future<Outcome> flushed(Waiting waiting, Offer.Flushing flushing) {
        long deadline = waiting.deadline(timeout);
        return within(waiting.context(), flushing.ticket().flushed()).transform(flushed -> {
            flushing.ticket().cancel();
            if (flushed.cause() instanceof RefusedByDatabaseException refusal) {
                return Future.succeededFuture(refused(refusal));
            }
            Outcome durable = flushed.succeeded() ? acknowledged(Acknowledgement.DATABASE) : NOT_YET_FLUSHED;
            return waiting.until(flushing.durable(), deadline, durable);
        });
    }

    private <T> Future<T> within(Context context, CompletionStage<T> stage) {
        return Future.fromCompletionStage(stage, context).timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Outcome acknowledged(Acknowledgement level) {
        return new Acknowledged(level, offer.changes());
    }

    private static NotTaken refused(RefusedByDatabaseException failure) {
        return new NotTaken(
                Reason.REFUSED_BY_DATABASE,
                "a change of this request is a dead letter now, the others are not affected: " + failure.getMessage());
    }

    static Outcome notJournaled(Throwable failure) {
        log.debug("Changes are not acknowledged", failure);
        String reason = failure instanceof TimeoutException
                ? "the disk does not answer in time"
                : String.valueOf(failure.getMessage());
        return new NotTaken(Reason.NOT_ACKNOWLEDGED, "it is not acknowledged, send it again: " + reason);
    }
}
