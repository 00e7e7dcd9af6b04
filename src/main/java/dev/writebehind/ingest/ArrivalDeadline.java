package dev.writebehind.ingest;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Closes connections whose next request does not arrive whole in time, however slowly its bytes trickle: an idle
 * timeout alone never ends those. Confined to its server's event loop.
 */
final class ArrivalDeadline {
    private final Vertx vertx;
    private final long requestMillis;
    private final long idleMillis;
    private final Map<HttpConnection, Long> timers = new HashMap<>();

    ArrivalDeadline(Vertx vertx, Duration request, Duration idle) {
        this.vertx = vertx;
        this.requestMillis = request.toMillis();
        this.idleMillis = idle.toMillis();
    }

    /** Watches a new connection for its first request head. */
    void onConnection(HttpConnection connection) {
        closeAfter(connection, requestMillis);
        connection.closeHandler(closed -> cancel(connection));
    }

    /** Watches a request whose head is there until {@link #onArrival}. */
    void onHead(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        cancel(connection);
        long timer = vertx.setTimer(requestMillis, late -> {
            ctx.response().putHeader("connection", "close");
            Problem.of(408, "Request timeout", "the request did not arrive whole within " + requestMillis + " ms")
                    .send(ctx.response());
            vertx.setTimer(1_000, answered -> connection.close());
        });
        timers.put(connection, timer);
        ctx.addEndHandler(ended -> {
            // Not if the next request, already there, has set a deadline of its own.
            if (Objects.equals(timers.get(connection), timer)) {
                closeAfter(connection, idleMillis);
            }
        });
        ctx.next();
    }

    /** Lets the request, which has arrived whole, take its time. */
    void onArrival(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        Long timer = timers.get(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
        ctx.next();
    }

    private void closeAfter(HttpConnection connection, long millis) {
        cancel(connection);
        timers.put(connection, vertx.setTimer(millis, late -> connection.close()));
    }

    private void cancel(HttpConnection connection) {
        Long timer = timers.remove(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }
}
