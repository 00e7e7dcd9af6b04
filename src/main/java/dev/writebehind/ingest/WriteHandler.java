package dev.writebehind.ingest;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.FlushTicket;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.IngestSettings;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/completions}: decodes, offers the writes to the buffer, and answers once the chosen acknowledgement
 * is reached. Safe for any event loop.
 */
final class WriteHandler {
    private static final String ACKNOWLEDGEMENT = WriteHandler.class.getName() + ".acknowledgement";
    private static final String NDJSON = "application/x-ndjson";
    /** Bodies over this are decoded on a worker: it takes an event loop some milliseconds a megabyte. */
    private static final int LARGE_BODY = 128 * 1024;

    private final Vertx vertx;
    private final IngestSettings settings;
    private final CompletionBuffer buffer;
    private final WriteDecoder decoder;

    WriteHandler(Vertx vertx, IngestSettings settings, CompletionBuffer buffer, WriteDecoder decoder) {
        this.vertx = vertx;
        this.settings = settings;
        this.buffer = buffer;
        this.decoder = decoder;
    }

    /** Refuses, before its body is read, what the body can't mend. */
    void checkHead(RoutingContext ctx) {
        String named = ctx.queryParams().get("ack");
        Acknowledgement ack =
                named == null ? settings.ack() : Acknowledgement.named(named).orElse(null);
        if (ack == null) {
            Problem.invalidParameter("ack", "must be memory, journal or database")
                    .send(ctx.response());
        } else if (ack == Acknowledgement.JOURNAL) {
            Problem.unavailable("ack=journal is not available: this instance has no journal; use memory or database")
                    .send(ctx.response());
        } else {
            ctx.put(ACKNOWLEDGEMENT, ack);
            ctx.next();
        }
    }

    /** Takes the writes of a body that has arrived whole. */
    void handle(RoutingContext ctx) {
        Buffer body = ctx.body().buffer();
        byte[] bytes = body == null ? new byte[0] : body.getBytes();
        boolean lines = isNdjson(ctx);
        Handler<Offer> answer = offer -> answer(ctx, offer);
        FlushTicket ticket = ctx.get(ACKNOWLEDGEMENT) == Acknowledgement.DATABASE ? new FlushTicket() : null;
        if (bytes.length <= LARGE_BODY) {
            answer.handle(offer(bytes, lines, ticket));
        } else {
            vertx.executeBlocking(() -> offer(bytes, lines, ticket), false)
                    .onSuccess(answer)
                    .onFailure(ctx::fail);
        }
    }

    /** What became of a body. */
    private sealed interface Offer {}

    private record Taken(int writes, @Nullable FlushTicket ticket) implements Offer {}

    private record Refused(Problem problem) implements Offer {}

    private Offer offer(byte[] body, boolean lines, @Nullable FlushTicket ticket) {
        try {
            List<CompletionWrite> writes = lines ? decoder.decodeNdjson(body) : decoder.decodeJson(body);
            return buffer.offer(writes, ticket)
                    ? new Taken(writes.size(), ticket)
                    : new Refused(Problem.unavailable("the buffer is full: the database does not keep up"));
        } catch (ProblemException e) {
            return new Refused(e.problem());
        }
    }

    private void answer(RoutingContext ctx, Offer offer) {
        HttpServerResponse response = ctx.response();
        if (offer instanceof Refused refused) {
            refused.problem().send(response);
        } else if (offer instanceof Taken taken && taken.ticket() != null) {
            awaitFlush(response, taken.writes(), taken.ticket());
        } else if (offer instanceof Taken taken) {
            accepted(response, 202, taken.writes());
        }
    }

    private void awaitFlush(HttpServerResponse response, int writes, FlushTicket ticket) {
        response.closeHandler(closed -> ticket.cancel());
        Future.fromCompletionStage(ticket.flushed(), vertx.getOrCreateContext())
                .timeout(settings.ackTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(flushed -> accepted(response, 200, writes))
                .onFailure(failure -> {
                    ticket.cancel();
                    if (failure instanceof TimeoutException) {
                        notYet(response);
                    }
                });
    }

    private static void notYet(HttpServerResponse response) {
        Problem.of(
                        504,
                        "Not yet in the database",
                        "the writes are accepted and will be flushed; no need to send them again")
                .send(response);
    }

    private static void accepted(HttpServerResponse response, int status, int writes) {
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(new JsonObject().put("accepted", writes).toBuffer());
    }

    private static boolean isNdjson(RoutingContext ctx) {
        String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.regionMatches(true, 0, NDJSON, 0, NDJSON.length());
    }
}
