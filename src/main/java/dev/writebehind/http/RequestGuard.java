package dev.writebehind.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guard that refuses requests that are not HTTP, or might not be for another parser, in the words of its port. Safe
 * for any event loop.
 */
public final class RequestGuard {
    private static final Logger log = LoggerFactory.getLogger(RequestGuard.class);

    private final BiConsumer<HttpServerResponse, Malformed> refusing;

    /**
     * Creates the guard of a port.
     *
     * @param refusing answers so
     */
    public RequestGuard(BiConsumer<HttpServerResponse, Malformed> refusing) {
        this.refusing = refusing;
    }

    /** Answers what can't be decoded, and hangs up: nothing after it can be told apart. */
    public void refuseUndecoded(HttpServerRequest request) {
        refusing.accept(hangingUp(request.response()), Malformed.of(request));
        request.connection().close();
    }

    /**
     * Answers a request whose fields or target are not taken, and returns whether it is one; else watches its body
     * until somebody reads it.
     */
    public boolean refuses(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        Malformed fields = request.version() == HttpVersion.HTTP_2 ? Http2Fields.settle(request) : null;
        if (fields != null) {
            refusing.accept(ctx.response(), fields);
            return true;
        }
        if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            request.exceptionHandler(failure -> refuseBody(ctx, failure));
        }
        return refusesTarget(ctx);
    }

    /** Answers a request whose target is not taken, and returns whether it is one. */
    public boolean refusesTarget(RoutingContext ctx) {
        Malformed fault = RequestTarget.fault(ctx.request());
        if (fault == null) {
            return false;
        }
        if (ctx.request().method().equals(HttpMethod.CONNECT)) {
            // What follows would be the tunnel's.
            boolean ends = ctx.request().version() != HttpVersion.HTTP_2;
            refusing.accept(ends ? hangingUp(ctx.response()) : ctx.response(), fault);
            if (ends) {
                ctx.request().connection().close();
            }
        } else {
            refusing.accept(ctx.response(), fault);
        }
        return true;
    }

    /** Answers a request whose body broke off; where that is the body's own fault, its connection is about to close. */
    public void refuseBody(RoutingContext ctx, Throwable failure) {
        log.debug("The body of a request failed", failure);
        if (failure instanceof MalformedRequestException && !ctx.response().ended()) {
            refusing.accept(hangingUp(ctx.response()), Malformed.of(failure));
        }
    }

    private static HttpServerResponse hangingUp(HttpServerResponse response) {
        return response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
}
