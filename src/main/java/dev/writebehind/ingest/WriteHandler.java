package dev.writebehind.ingest;

import dev.writebehind.auth.Caller;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.config.Acknowledgement;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** {@code POST /v1/completions}: decodes, and offers the writes to the buffer. Safe for any event loop. */
final class WriteHandler {
    private static final String NDJSON = "application/x-ndjson";
    /** Bodies over this are decoded on a worker: it takes an event loop some milliseconds a megabyte. */
    private static final int LARGE_BODY = 128 * 1024;

    private final BodyWorkers workers;
    private final Offering offering;
    private final WriteDecoder decoder;
    private final Acknowledger acknowledger;

    WriteHandler(BodyWorkers workers, Offering offering, WriteDecoder decoder, Acknowledger acknowledger) {
        this.workers = workers;
        this.offering = offering;
        this.decoder = decoder;
        this.acknowledger = acknowledger;
    }

    /** Takes the writes of a body that has arrived whole. */
    void handle(RoutingContext ctx, RequestBody body) {
        boolean lines = isNdjson(ctx);
        Acknowledgement ack = acknowledger.wanted(ctx);
        Caller caller = Callers.of(ctx);
        Future<Offer> read = body.length() <= LARGE_BODY
                ? Future.succeededFuture(offer(body, lines, ack, caller))
                : workers.run(() -> offer(body, lines, ack, caller));
        read.onComplete(done -> body.release())
                .onSuccess(offer -> acknowledger.answer(ctx.response(), offer))
                .onFailure(ctx::fail);
    }

    private Offer offer(RequestBody body, boolean lines, Acknowledgement ack, Caller caller) {
        List<CompletionWrite> writes;
        try {
            writes = lines
                    ? decoder.decodeNdjson(body.bytes(), body.length())
                    : decoder.decodeJson(body.bytes(), body.length());
            Callers.requireAccess(caller, writes);
        } catch (ProblemException e) {
            return new Offer.Refused(e.problem());
        }
        return offering.offer(writes, ack);
    }

    private static boolean isNdjson(RoutingContext ctx) {
        String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.regionMatches(true, 0, NDJSON, 0, NDJSON.length());
    }
}
