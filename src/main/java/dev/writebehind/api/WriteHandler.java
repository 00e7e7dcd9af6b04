package dev.writebehind.api;

import dev.writebehind.auth.Caller;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.Receipts;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.http.BodyWorkers;
import dev.writebehind.http.Problem;
import dev.writebehind.http.ProblemException;
import dev.writebehind.http.QueryString;
import dev.writebehind.http.Reception;
import dev.writebehind.http.RequestBody;
import dev.writebehind.http.Resource;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The handler of {@code POST /v1/completions}, which decodes the writes and has them taken. Safe for any event loop.
 */
final class WriteHandler implements Resource {
    private static final String JSON = "application/json";
    private static final String NDJSON = "application/x-ndjson";
    /** Bodies over this are decoded on a worker: it takes an event loop some milliseconds a megabyte. */
    private static final int LARGE_BODY = 128 * 1024;

    private final Access access;
    private final BodyWorkers workers;
    private final WriteBehind service;
    private final WriteDecoder decoder;
    private final Acknowledger acknowledger;

    WriteHandler(
            Access access, BodyWorkers workers, WriteBehind service, WriteDecoder decoder, Acknowledger acknowledger) {
        this.access = access;
        this.workers = workers;
        this.service = service;
        this.decoder = decoder;
        this.acknowledger = acknowledger;
    }

    @Override
    public String path() {
        return "/v1/completions";
    }

    @Override
    public Future<Reception> onHead(RoutingContext ctx) {
        return access.authenticate(ctx.request()).map(caller -> reception(ctx, caller));
    }

    private Reception reception(RoutingContext ctx, Caller caller) {
        HttpServerRequest request = ctx.request();
        if (!request.method().equals(HttpMethod.POST)) {
            Problem.sendNotAllowed(ctx.response(), HttpMethod.POST);
            return new Reception.Answered();
        }
        boolean lines = isNdjson(request);
        Terms terms = acknowledger.termsOfWrites(QueryString.of(request));
        boolean told = terms.told() && caller.actsForAnyone(); // or learners could keep the LMS from hearing of theirs
        return new Reception.WithBody(caller.learner(), body -> {
            if (body.length() <= LARGE_BODY) {
                List<CompletionWrite> writes = writes(body, lines, told, caller);
                body.release();
                take(ctx, writes, terms);
            } else {
                workers.run(() -> writes(body, lines, told, caller))
                        .onComplete(done -> body.release())
                        .map(writes -> take(ctx, writes, terms))
                        .onFailure(ctx::fail);
            }
        });
    }

    private List<CompletionWrite> take(RoutingContext ctx, List<CompletionWrite> writes, Terms terms) {
        Receipts receipts = terms.receipts(writes.size());
        acknowledger.answer(ctx, service.take(writes, terms.ack(), terms.timeout(), receipts), receipts);
        return writes;
    }

    /** Throws {@link ProblemException} if the body is wrong, or asks for what the caller may not do. */
    private List<CompletionWrite> writes(RequestBody body, boolean lines, boolean told, Caller caller) {
        List<CompletionWrite> writes = lines
                ? decoder.decodeNdjson(body.bytes(), body.length(), told)
                : decoder.decodeJson(body.bytes(), body.length(), told);
        Access.require(caller, writes);
        return writes;
    }

    private static boolean isNdjson(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        String name = JSON.equals(type) ? JSON : mediaType(type);
        if (!name.equals(JSON) && !name.equals(NDJSON)) {
            throw unsupported("send application/json or application/x-ndjson");
        }
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !"identity".equalsIgnoreCase(encoding)) {
            throw unsupported("send the body without content encoding");
        }
        return name.equals(NDJSON);
    }

    private static String mediaType(@Nullable String type) {
        return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    private static ProblemException unsupported(String detail) {
        return new ProblemException(Problem.of(415, "Unsupported media type", detail));
    }
}
