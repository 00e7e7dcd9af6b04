package dev.writebehind.core;

import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.core.NotTaken.Reason;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
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

    /** Returns what completes as {@link #tell} tells, never with a failure. */
    public Future<Outcome> outcome(Waiting waiting) {
        Promise<Outcome> outcome = Promise.promise();
        tell(waiting, outcome::complete);
        return outcome.future();
    }

    /**
     * Tells the outcome, once, on its context: as soon as the acknowledgement is reached, or it is known that it will
     * not be, or the time for it is over.
     */
    public void tell(Waiting waiting, Consumer<Outcome> told) {
        Consumer<Outcome> counted = outcome -> {
            stats.outcome(outcome);
            told.accept(outcome);
        };
        if (offer instanceof Offer.Refused refused) {
            counted.accept(refused.no());
        } else if (offer instanceof Offer.Journaling journaling) {
            Outcome durable = acknowledged(Acknowledgement.JOURNAL);
            waiting.until(journaling.durable(), waiting.deadline(timeout), durable, counted);
        } else if (offer instanceof Offer.Flushing flushing) {
            tellFlushed(waiting, flushing, counted);
        } else {
            counted.accept(acknowledged(Acknowledgement.MEMORY));
        }
    }

    /** Also durable: what is in the table might, after a crash, be undone by what the journal holds from before it. */
    private void tellFlushed(Waiting waiting, Offer.Flushing flushing, Consumer<Outcome> told) {
        long deadline = waiting.deadline(timeout);
        within(waiting.context(), flushing.ticket().flushed()).onComplete(flushed -> {
            flushing.ticket().cancel();
            if (flushed.cause() instanceof RefusedByDatabaseException refusal) {
                told.accept(refused(refusal));
            } else {
                Outcome durable = flushed.succeeded() ? acknowledged(Acknowledgement.DATABASE) : NOT_YET_FLUSHED;
                waiting.until(flushing.durable(), deadline, durable, told);
            }
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
