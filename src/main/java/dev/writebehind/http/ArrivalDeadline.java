package dev.writebehind.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The deadline that closes connections whose next request does not arrive whole in time, however slowly its bytes
 * trickle: an idle timeout alone never ends those. Confined to its server's event loop.
 *
 * <p>A connection has one timer, whatever number of requests it carries: a deadline lies at least the shorter of both
 * times ahead when it is set, so a timer that looks that often always comes before it.
 */
final class ArrivalDeadline {
    private final Vertx vertx;
    private final LongSupplier nanos;
    private final long requestNanos;
    private final long idleNanos;
    private final Map<HttpConnection, Watch> watches = new HashMap<>();

    ArrivalDeadline(Vertx vertx, Duration request, Duration idle) {
        this(vertx, System::nanoTime, request, idle);
    }

    ArrivalDeadline(Vertx vertx, LongSupplier nanos, Duration request, Duration idle) {
        this.vertx = vertx;
        this.nanos = nanos;
        this.requestNanos = request.toNanos();
        this.idleNanos = idle.toNanos();
    }

    /** Watches a new connection for its first request head. */
    void onConnection(HttpConnection connection) {
        Watch watch = new Watch(connection);
        watches.put(connection, watch);
        connection.closeHandler(closed -> {
            watches.remove(connection);
            watch.end();
        });
    }

    /** Watches a request whose head is there until {@link #onArrival}. */
    void onHead(RoutingContext ctx) {
        Watch watch = watches.get(ctx.request().connection());
        if (watch != null) {
            watch.await(ctx);
            ctx.addEndHandler(ended -> watch.rest(ctx));
        }
        ctx.next();
    }

    /** Lets the request, which has arrived whole, take its time. */
    void onArrival(RoutingContext ctx) {
        Watch watch = watches.get(ctx.request().connection());
        if (watch != null) {
            watch.suspend();
        }
    }

    /** A connection and what is waited for on it. */
    private final class Watch {
        private final HttpConnection connection;
        private long deadline = nanos.getAsLong() + requestNanos;
        private boolean isSuspended;
        /** The last request whose head is there; null: none since the last answer. */
        private @Nullable RoutingContext request;

        private long timer;

        Watch(HttpConnection connection) {
            this.connection = connection;
            arm(requestNanos);
        }

        void await(RoutingContext ctx) {
            request = ctx;
            isSuspended = false;
            deadline = nanos.getAsLong() + requestNanos;
        }

        void suspend() {
            isSuspended = true;
        }

        /** Not if the next request, already there, has set a deadline of its own. */
        void rest(RoutingContext ended) {
            if (request == ended) {
                request = null;
                isSuspended = false;
                deadline = nanos.getAsLong() + idleNanos;
            }
        }

        void end() {
            vertx.cancelTimer(timer);
        }

        private void arm(long left) {
            long wait = Math.min(left, Math.min(requestNanos, idleNanos));
            timer = vertx.setTimer(TimeUnit.NANOSECONDS.toMillis(wait) + 1, elapsed -> look());
        }

        private void look() {
            long left = isSuspended ? Long.MAX_VALUE : deadline - nanos.getAsLong();
            if (left > 0) {
                arm(left);
            } else if (request == null) {
                connection.close();
            } else {
                refuse(request);
            }
        }

        private void refuse(RoutingContext late) {
            late.response().putHeader("connection", "close");
            long millis = TimeUnit.NANOSECONDS.toMillis(requestNanos);
            Problem.of(408, "Request timeout", "the request did not arrive whole within " + millis + " ms")
                    .send(late.response());
            timer = vertx.setTimer(1_000, answered -> connection.close());
        }
    }
}
