package dev.writebehind.api;

import dev.writebehind.config.Acknowledgement;
import dev.writebehind.core.Acknowledged;
import dev.writebehind.core.NotTaken;
import dev.writebehind.core.Outcome;
import dev.writebehind.core.Taking;
import dev.writebehind.core.Waiting;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.http.Problem;
import dev.writebehind.http.ProblemException;
import dev.writebehind.http.QueryString;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The acknowledgement that a change asks for, and the answer once it is reached. Confined to its event loop. */
final class Acknowledger {
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    /** What most answers say: that one change has reached that level. */
    private static final Map<Acknowledgement, Buffer> OF_ONE = ofOne();

    private final WriteBehind service;
    private final Waiting waiting;
    private final Supplier<Acknowledgement> standard;

    /**
     * Creates one.
     *
     * @param standard the acknowledgement of requests that name none
     */
    Acknowledger(WriteBehind service, Waiting waiting, Supplier<Acknowledgement> standard) {
        this.service = service;
        this.waiting = waiting;
        this.standard = standard;
    }

    /**
     * Returns what a request asks for, or throws {@link ProblemException} where that is nonsense or nothing can be
     * taken at present: its body could not mend it.
     */
    Acknowledgement wanted(QueryString query) {
        String named = query.one("ack");
        Acknowledgement wanted = named == null
                ? standard.get()
                : Acknowledgement.named(named)
                        .orElseThrow(() -> new ProblemException(
                                Problem.invalidParameter("ack", "must be memory, journal or database")));
        service.unavailable().ifPresent(no -> {
            throw new ProblemException(problem(no));
        });
        return wanted;
    }

    /** Answers as soon as there is something to say. */
    void answer(RoutingContext ctx, Taking taking) {
        ctx.response().closeHandler(closed -> taking.abandon());
        taking.outcome(waiting).onComplete(outcome -> answer(ctx.response(), outcome), ctx::fail);
    }

    private static void answer(HttpServerResponse response, Outcome outcome) {
        if (outcome instanceof NotTaken no) {
            problem(no).send(response);
        } else if (outcome instanceof Acknowledged reached && !response.ended() && !response.closed()) {
            response.setStatusCode(reached.level() == Acknowledgement.DATABASE ? 200 : 202)
                    .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                    .end(
                            reached.changes() == 1
                                    ? OF_ONE.get(reached.level())
                                    : body(reached.changes(), reached.level()));
        }
    }

    private static Buffer body(int changes, Acknowledgement level) {
        return Buffer.buffer("{\"accepted\":" + changes + ",\"ack\":\"" + level.label() + "\"}");
    }

    private static Map<Acknowledgement, Buffer> ofOne() {
        Map<Acknowledgement, Buffer> bodies = new EnumMap<>(Acknowledgement.class);
        for (Acknowledgement level : Acknowledgement.values()) {
            bodies.put(level, body(1, level));
        }
        return bodies;
    }

    private static Problem problem(NotTaken no) {
        String type = no.reason().label();
        return switch (no.reason()) {
            case BUFFER_FULL, JOURNAL_BEHIND, JOURNAL_UNAVAILABLE, NOT_ACKNOWLEDGED ->
                Problem.unavailable(type, no.detail());
            case NOT_YET_FLUSHED -> new Problem(type, 504, "Not yet in the database", no.detail(), List.of());
            case REFUSED_BY_DATABASE -> new Problem(type, 422, "Refused by the database", no.detail(), List.of());
        };
    }
}
