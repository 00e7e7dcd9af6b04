package dev.writebehind.ingest;

import dev.writebehind.auth.Caller;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.core.Taking;
import dev.writebehind.core.WriteBehind;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** {@code POST /v1/completions}: decodes the writes and has them taken. Safe for any event loop. */
final class WriteHandler {
    private static final String NDJSON = "application/x-ndjson";
    /** Bodies over this are decoded on a worker: it takes an event loop some milliseconds a megabyte. */
    private static final int LARGE_BODY = 128 * 1024;

    private final BodyWorkers workers;
    private final WriteBehind service;
    private final WriteDecoder decoder;
    private final Acknowledger acknowledger;

    WriteHandler(BodyWorkers workers, WriteBehind service, WriteDecoder decoder, Acknowledger acknowledger) {
        this.workers = workers;
        this.service = service;
        this.decoder = decoder;
        this.acknowledger = acknowledger;
    }

    /** Takes the writes of a body that has arrived whole. */
    void handle(RoutingContext ctx, RequestBody body) {
        boolean lines = isNdjson(ctx);
        Acknowledgement ack = acknowledger.wanted(ctx);
        Caller caller = Callers.of(ctx);
        Future<Taking> read = body.length() <= LARGE_BODY
                ? Future.succeededFuture(body).map(small -> take(small, lines, ack, caller))
                : workers.run(() -> take(body, lines, ack, caller));
        read.onComplete(done -> body.release())
                .onSuccess(taking -> acknowledger.answer(ctx, taking))
                .onFailure(failure -> {
                    if (failure instanceof ProblemException wrong) {
                        wrong.problem().send(ctx.response());
                    } else {
                        ctx.fail(failure);
                    }
                });
    }

    /** Throws {@link ProblemException} if the body is wrong, or asks for what the caller may not do. */
    private Taking take(RequestBody body, boolean lines, Acknowledgement ack, Caller caller) {
        List<CompletionWrite> writes = lines
                ? decoder.decodeNdjson(body.bytes(), body.length())
                : decoder.decodeJson(body.bytes(), body.length());
        Callers.requireAccess(caller, writes);
        return service.take(writes, ack);
    }

    private static boolean isNdjson(RoutingContext ctx) {
        String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.regionMatches(true, 0, NDJSON, 0, NDJSON.length());
    }
}
