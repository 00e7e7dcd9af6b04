package dev.writebehind.ingest;

import static java.util.Objects.requireNonNull;

import dev.writebehind.auth.Caller;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.FlushTicket;
import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.IngestSettings;
import dev.writebehind.journal.Journal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code POST /v1/completions}: decodes, offers the writes to the buffer, and answers once the chosen acknowledgement
 * is reached. Safe for any event loop.
 */
final class WriteHandler {
    private static final String ACKNOWLEDGEMENT = WriteHandler.class.getName() + ".acknowledgement";
    private static final Problem NOT_YET_FLUSHED = Problem.of(
            504, "Not yet in the database", "the writes are accepted and will be flushed; no need to send them again");
    private static final String NDJSON = "application/x-ndjson";
    /** Bodies over this are decoded on a worker: it takes an event loop some milliseconds a megabyte. */
    private static final int LARGE_BODY = 128 * 1024;

    private final Vertx vertx;
    private final IngestSettings settings;
    private final Journal journal;
    private final CompletionBuffer buffer;
    private final WriteDecoder decoder;

    WriteHandler(Vertx vertx, IngestSettings settings, Journal journal, CompletionBuffer buffer, WriteDecoder decoder) {
        this.vertx = vertx;
        this.settings = settings;
        this.journal = journal;
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
        } else if (!journal.state().isHealthy()) {
            Problem.unavailable(journal.state().explanation()).send(ctx.response());
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
        Acknowledgement ack = requireNonNull(ctx.<Acknowledgement>get(ACKNOWLEDGEMENT));
        Caller caller = Callers.of(ctx);
        if (bytes.length <= LARGE_BODY) {
            answer(ctx.response(), offer(bytes, lines, ack, caller));
        } else {
            vertx.executeBlocking(() -> offer(bytes, lines, ack, caller), false)
                    .onSuccess(offer -> answer(ctx.response(), offer))
                    .onFailure(ctx::fail);
        }
    }

    /** What became of a body. */
    private sealed interface Offer {}

    private record Refused(Problem problem) implements Offer {}

    private record InMemory(int writes) implements Offer {}

    private record Journaling(int writes, CompletionStage<Void> durable) implements Offer {}

    private record Flushing(int writes, CompletionStage<Void> durable, FlushTicket ticket) implements Offer {}

    private Offer offer(byte[] body, boolean lines, Acknowledgement ack, Caller caller) {
        List<CompletionWrite> writes;
        try {
            writes = lines ? decoder.decodeNdjson(body) : decoder.decodeJson(body);
            Callers.requireAccess(caller, writes);
        } catch (ProblemException e) {
            return new Refused(e.problem());
        }
        int count = writes.size();
        if (ack == Acknowledgement.MEMORY) {
            return buffer.offer(writes, null) ? new InMemory(count) : full();
        }
        if (!journal.hasRoom(count)) {
            return new Refused(Problem.unavailable("the journal's queue is full: the disk does not keep up"));
        }
        if (ack == Acknowledgement.JOURNAL) {
            return buffer.offerRecorded(writes, null) ? new Journaling(count, journal.sync()) : full();
        }
        FlushTicket ticket = new FlushTicket();
        return buffer.offerRecorded(writes, ticket) ? new Flushing(count, journal.sync(), ticket) : full();
    }

    private static Refused full() {
        return new Refused(Problem.unavailable("the buffer is full: the database does not keep up"));
    }

    private void answer(HttpServerResponse response, Offer offer) {
        if (offer instanceof Refused refused) {
            refused.problem().send(response);
        } else if (offer instanceof InMemory taken) {
            accepted(response, 202, taken.writes());
        } else if (offer instanceof Journaling taken) {
            within(taken.durable())
                    .onSuccess(durable -> accepted(response, 202, taken.writes()))
                    .onFailure(failure -> notJournaled(failure).send(response));
        } else if (offer instanceof Flushing taken) {
            response.closeHandler(closed -> taken.ticket().cancel());
            within(taken.ticket().flushed())
                    .onSuccess(flushed -> accepted(response, 200, taken.writes()))
                    .onFailure(failure -> {
                        taken.ticket().cancel();
                        if (failure instanceof RefusedByDatabaseException) {
                            refused(failure).send(response);
                            return;
                        }
                        within(taken.durable())
                                .onSuccess(durable -> NOT_YET_FLUSHED.send(response))
                                .onFailure(lost -> notJournaled(lost).send(response));
                    });
        }
    }

    private <T> Future<T> within(CompletionStage<T> stage) {
        return Future.fromCompletionStage(stage, vertx.getOrCreateContext())
                .timeout(settings.ackTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Problem refused(Throwable failure) {
        return Problem.of(
                422,
                "Refused by the database",
                "a write of this request is a dead letter now, the others are not affected: " + failure.getMessage());
    }

    private static Problem notJournaled(Throwable failure) {
        String reason = failure instanceof TimeoutException
                ? "the disk does not answer in time"
                : String.valueOf(failure.getMessage());
        return Problem.unavailable("the writes are not acknowledged, send them again: " + reason);
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
