package dev.writebehind.ingest;

import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.IngestSettings;
import dev.writebehind.journal.Journal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests that change something, once the acknowledgement that they ask for is reached. Safe for any event
 * loop.
 */
final class Acknowledger {
    private static final Logger log = LoggerFactory.getLogger(Acknowledger.class);
    private static final String ACKNOWLEDGEMENT = Acknowledger.class.getName();
    private static final Problem NOT_YET_FLUSHED =
            Problem.of(504, "Not yet in the database", "it is accepted and will be flushed; no need to send it again");

    private final Vertx vertx;
    private final IngestSettings settings;
    private final Journal journal;

    Acknowledger(Vertx vertx, IngestSettings settings, Journal journal) {
        this.vertx = vertx;
        this.settings = settings;
        this.journal = journal;
    }

    /** Refuses, before its body is read, what the body can't mend. */
    void checkHead(RoutingContext ctx) {
        String named;
        try {
            named = QueryString.of(ctx).one("ack");
        } catch (ProblemException e) {
            e.problem().send(ctx.response());
            return;
        }
        Acknowledgement ack =
                named == null ? settings.ack() : Acknowledgement.named(named).orElse(null);
        if (ack == null) {
            Problem.invalidParameter("ack", "must be memory, journal or database")
                    .send(ctx.response());
        } else if (!journal.state().isHealthy()) {
            Problem.unavailable(journal.state().explanation()).send(ctx.response());
        } else {
            ctx.put(ACKNOWLEDGEMENT, ack);
            ctx.next();
        }
    }

    /** Returns what the request asks for; its head has been checked. */
    Acknowledgement wanted(RoutingContext ctx) {
        Acknowledgement ack = ctx.get(ACKNOWLEDGEMENT);
        return ack == null ? settings.ack() : ack;
    }

    /** Answers as soon as there is something to say. */
    void answer(HttpServerResponse response, Offer offer) {
        reached(response, offer)
                .onSuccess(ack -> accepted(response, ack, offer.accepted()))
                .onFailure(failure -> problem(failure).send(response));
    }

    /**
     * Completes with the acknowledgement that is reached, or fails with a {@link ProblemException}. Whoever hangs up is
     * no longer waited for.
     */
    Future<Acknowledgement> reached(HttpServerResponse response, Offer offer) {
        if (offer instanceof Offer.Refused refused) {
            return Future.failedFuture(new ProblemException(refused.problem()));
        }
        if (offer instanceof Offer.Journaling taken) {
            return journaled(taken.durable()).map(Acknowledgement.JOURNAL);
        }
        if (offer instanceof Offer.Flushing taken) {
            response.closeHandler(closed -> taken.ticket().cancel());
            return flushed(taken);
        }
        return Future.succeededFuture(Acknowledgement.MEMORY);
    }

    /** Also durable: what is in the table might, after a crash, be undone by what the journal holds from before it. */
    private Future<Acknowledgement> flushed(Offer.Flushing taken) {
        return within(taken.ticket().flushed()).transform(flushed -> {
            taken.ticket().cancel();
            if (flushed.cause() instanceof RefusedByDatabaseException refusal) {
                return Future.failedFuture(new ProblemException(refused(refusal)));
            }
            return journaled(taken.durable())
                    .compose(durable -> flushed.succeeded()
                            ? Future.succeededFuture(Acknowledgement.DATABASE)
                            : Future.failedFuture(new ProblemException(NOT_YET_FLUSHED)));
        });
    }

    private Future<Void> journaled(CompletionStage<Void> durable) {
        return within(durable).recover(failure -> Future.failedFuture(new ProblemException(notJournaled(failure))));
    }

    private static Problem problem(Throwable failure) {
        return failure instanceof ProblemException known ? known.problem() : notJournaled(failure);
    }

    private <T> Future<T> within(CompletionStage<T> stage) {
        return Future.fromCompletionStage(stage, vertx.getOrCreateContext())
                .timeout(settings.ackTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Problem refused(RefusedByDatabaseException failure) {
        return Problem.of(
                422,
                "Refused by the database",
                "a change of this request is a dead letter now, the others are not affected: " + failure.getMessage());
    }

    private static Problem notJournaled(Throwable failure) {
        log.debug("A request is not acknowledged", failure);
        String reason = failure instanceof TimeoutException
                ? "the disk does not answer in time"
                : String.valueOf(failure.getMessage());
        return Problem.unavailable("it is not acknowledged, send it again: " + reason);
    }

    private static void accepted(HttpServerResponse response, Acknowledgement reached, int accepted) {
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(reached == Acknowledgement.DATABASE ? 200 : 202)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end("{\"accepted\":" + accepted + ",\"ack\":\"" + reached.label() + "\"}");
    }
}
