package dev.writebehind.ingest;

import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.IngestSettings;
import dev.writebehind.journal.Journal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Answers requests that change something, once the acknowledgement that they ask for is reached. Safe for any event
 * loop.
 */
final class Acknowledger {
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
        String named = ctx.queryParams().get("ack");
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
        if (offer instanceof Offer.Refused refused) {
            refused.problem().send(response);
        } else if (offer instanceof Offer.InMemory taken) {
            accepted(response, Acknowledgement.MEMORY, taken.accepted());
        } else if (offer instanceof Offer.Journaling taken) {
            within(taken.durable())
                    .onSuccess(durable -> accepted(response, Acknowledgement.JOURNAL, taken.accepted()))
                    .onFailure(failure -> notJournaled(failure).send(response));
        } else if (offer instanceof Offer.Flushing taken) {
            answerWhenFlushed(response, taken);
        }
    }

    /** Also durable: what is in the table might, after a crash, be undone by what the journal holds from before it. */
    private void answerWhenFlushed(HttpServerResponse response, Offer.Flushing taken) {
        response.closeHandler(closed -> taken.ticket().cancel());
        within(taken.ticket().flushed()).onComplete(flushed -> {
            taken.ticket().cancel();
            if (flushed.cause() instanceof RefusedByDatabaseException refusal) {
                refused(refusal).send(response);
                return;
            }
            within(taken.durable())
                    .onSuccess(durable -> {
                        if (flushed.succeeded()) {
                            accepted(response, Acknowledgement.DATABASE, taken.accepted());
                        } else {
                            NOT_YET_FLUSHED.send(response);
                        }
                    })
                    .onFailure(lost -> notJournaled(lost).send(response));
        });
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
                .end(new JsonObject()
                        .put("accepted", accepted)
                        .put("ack", reached.name().toLowerCase(Locale.ROOT))
                        .toBuffer());
    }
}
