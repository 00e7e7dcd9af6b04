package dev.writebehind.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The deadlines of an HTTP/2 connection, whose requests come side by side: one for each, and one for the connection
 * while there is none. Confined to its server's event loop.
 */
final class StreamDeadlines implements ArrivalDeadline.Watch {
    /** For the answer to a request that is given up to go out. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final ArrivalDeadline.Limits limits;
    private final HttpConnection connection;
    private final Map<RoutingContext, Long> timers = new HashMap<>();
    private long idle;

    StreamDeadlines(Vertx vertx, ArrivalDeadline.Limits limits, HttpConnection connection) {
        this.vertx = vertx;
        this.limits = limits;
        this.connection = connection;
        this.idle = after(limits.request().get(), connection::close);
    }

    @Override
    public void await(RoutingContext ctx) {
        vertx.cancelTimer(idle);
        Duration limit = limits.request().get();
        set(ctx, limit, () -> {
            ArrivalDeadline.tooLate(limit).send(ctx.response());
            set(ctx, GRACE, () -> giveUp(ctx));
        });
    }

    @Override
    public void suspend(RoutingContext ctx) {
        if (timers.containsKey(ctx)) {
            set(ctx, limits.answer().get(), () -> giveUp(ctx));
        }
    }

    @Override
    public void rest(RoutingContext ended) {
        Long timer = timers.remove(ended);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
        if (!ended.request().isEnded()) {
            // It was answered before its body was there, which may go on for as long as the caller likes.
            after(GRACE, () -> ended.response().reset());
        }
        if (timers.isEmpty()) {
            vertx.cancelTimer(idle);
            idle = after(limits.idle(), connection::close);
        }
    }

    @Override
    public void end() {
        vertx.cancelTimer(idle);
        timers.values().forEach(vertx::cancelTimer);
        timers.clear();
    }

    private void giveUp(RoutingContext ctx) {
        ctx.response().reset();
        rest(ctx);
    }

    private void set(RoutingContext ctx, Duration limit, Runnable late) {
        Long before = timers.put(ctx, after(limit, late));
        if (before != null) {
            vertx.cancelTimer(before);
        }
    }

    private long after(Duration limit, Runnable late) {
        return vertx.setTimer(limit.toMillis() + 1, elapsed -> late.run());
    }
}
