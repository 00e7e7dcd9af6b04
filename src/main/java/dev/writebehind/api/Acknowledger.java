package dev.writebehind.api;

import static java.util.Objects.requireNonNull;

import dev.writebehind.completion.Receipts;
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
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The acknowledgement that a change asks for, and the answer once it is reached. Confined to its event loop. */
final class Acknowledger {
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    /** What most answers say: that one change has reached that level. */
    private static final Map<Acknowledgement, Buffer> OF_ONE = ofOne();

    private static final JsonObject NOTHING = new JsonObject();

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
     * Returns what a change other than writes asks for, or throws {@link ProblemException} where that is nonsense or
     * nothing can be taken at present: its body could not mend it.
     */
    Terms terms(QueryString query) {
        return unlessUnavailable(Terms.of(query, standard));
    }

    /** Returns what writes ask for, or throws likewise. */
    Terms termsOfWrites(QueryString query) {
        return unlessUnavailable(Terms.ofWrites(query, standard));
    }

    private Terms unlessUnavailable(Terms terms) {
        service.unavailable().ifPresent(no -> {
            throw new ProblemException(problem(no));
        });
        return terms;
    }

    /**
     * Answers as soon as there is something to say.
     *
     * @param receipts what the answer tells besides; null: the caller did not ask
     */
    void answer(RoutingContext ctx, Taking taking, @Nullable Receipts receipts) {
        HttpServerResponse response = ctx.response();
        response.closeHandler(closed -> taking.abandon());
        if (receipts == null) {
            taking.tell(waiting, outcome -> answer(response, outcome));
        } else {
            taking.tell(waiting, outcome -> answer(response, outcome, receipts));
        }
    }

    private static void answer(HttpServerResponse response, Outcome outcome) {
        if (outcome instanceof NotTaken no) {
            problem(no).send(response);
        } else if (outcome instanceof Acknowledged reached) {
            send(
                    response,
                    reached,
                    reached.changes() == 1
                            ? requireNonNull(OF_ONE.get(reached.level()))
                            : Buffer.buffer(opened(reached.changes(), reached.level()) + "}"));
        }
    }

    private static void answer(HttpServerResponse response, Outcome outcome, Receipts receipts) {
        if (outcome instanceof NotTaken no) {
            boolean isTaken = no.reason() == NotTaken.Reason.NOT_YET_FLUSHED;
            problem(no).send(response, isTaken ? new JsonObject().put("stamps", MomentText.of(receipts)) : NOTHING);
        } else if (outcome instanceof Acknowledged reached) {
            String stamps = String.join("\",\"", MomentText.of(receipts));
            String body = opened(reached.changes(), reached.level()) + ",\"stamps\":[\"" + stamps + "\"]}";
            send(response, reached, Buffer.buffer(body));
        }
    }

    private static void send(HttpServerResponse response, Acknowledged reached, Buffer body) {
        if (!response.ended() && !response.closed()) {
            response.setStatusCode(reached.level() == Acknowledgement.DATABASE ? 200 : 202)
                    .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                    .end(body);
        }
    }

    private static String opened(int changes, Acknowledgement level) {
        return "{\"accepted\":" + changes + ",\"ack\":\"" + level.label() + "\"";
    }

    private static Map<Acknowledgement, Buffer> ofOne() {
        Map<Acknowledgement, Buffer> bodies = new EnumMap<>(Acknowledgement.class);
        for (Acknowledgement level : Acknowledgement.values()) {
            bodies.put(level, Buffer.buffer(opened(1, level) + "}"));
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
