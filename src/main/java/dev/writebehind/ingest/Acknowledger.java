package dev.writebehind.ingest;

import dev.writebehind.config.Acknowledgement;
import dev.writebehind.core.Acknowledged;
import dev.writebehind.core.NotTaken;
import dev.writebehind.core.Outcome;
import dev.writebehind.core.Taking;
import dev.writebehind.core.WriteBehind;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * Answers requests that change something, once the acknowledgement that they ask for is reached. Safe for any event
 * loop.
 */
final class Acknowledger {
    private static final String ACKNOWLEDGEMENT = Acknowledger.class.getName();

    private final WriteBehind service;
    private final Acknowledgement standard;

    /**
     * Creates one for a server.
     *
     * @param standard the acknowledgement of requests that name none
     */
    Acknowledger(WriteBehind service, Acknowledgement standard) {
        this.service = service;
        this.standard = standard;
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
                named == null ? standard : Acknowledgement.named(named).orElse(null);
        if (ack == null) {
            Problem.invalidParameter("ack", "must be memory, journal or database")
                    .send(ctx.response());
            return;
        }
        service.unavailable().ifPresentOrElse(no -> Problem.of(no).send(ctx.response()), () -> {
            ctx.put(ACKNOWLEDGEMENT, ack);
            ctx.next();
        });
    }

    /** Returns what the request asks for; its head has been checked. */
    Acknowledgement wanted(RoutingContext ctx) {
        Acknowledgement ack = ctx.get(ACKNOWLEDGEMENT);
        return ack == null ? standard : ack;
    }

    /** Answers as soon as there is something to say. */
    void answer(RoutingContext ctx, Taking taking) {
        if (wanted(ctx) == Acknowledgement.DATABASE) {
            ctx.response().closeHandler(closed -> taking.abandon());
        }
        taking.outcome(ctx.vertx().getOrCreateContext())
                .onSuccess(outcome -> answer(ctx.response(), outcome))
                .onFailure(ctx::fail);
    }

    private static void answer(HttpServerResponse response, Outcome outcome) {
        if (outcome instanceof NotTaken no) {
            Problem.of(no).send(response);
        } else if (outcome instanceof Acknowledged reached && !response.ended() && !response.closed()) {
            response.setStatusCode(reached.level() == Acknowledgement.DATABASE ? 200 : 202)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end("{\"accepted\":" + reached.changes() + ",\"ack\":\""
                            + reached.level().label() + "\"}");
        }
    }
}
