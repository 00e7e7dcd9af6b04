package dev.writebehind.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The deadline that closes connections whose next request does not arrive whole in time, however slowly its bytes
 * trickle: an idle timeout alone never ends those. Confined to its server's event loop.
 *
 * <p>A connection has one timer, whatever number of requests it carries: it is set anew only for a deadline before the
 * time at which it would look.
 */
final class ArrivalDeadline {
    private final Vertx vertx;
    private final LongSupplier nanos;
    private final Limits limits;
    private final Map<HttpConnection, Watch> watches = new HashMap<>();

    ArrivalDeadline(Vertx vertx, Limits limits) {
        this(vertx, System::nanoTime, limits);
    }

    ArrivalDeadline(Vertx vertx, LongSupplier nanos, Limits limits) {
        this.vertx = vertx;
        this.nanos = nanos;
        this.limits = limits;
    }

    /**
     * The longest times of a connection's states, as they are at the moment.
     *
     * @param request how long a request may take to arrive whole
     * @param answer how long one that has arrived may go without the end of its answer
     * @param idle how long nothing may be asked
     */
    record Limits(Supplier<Duration> request, Supplier<Duration> answer, Duration idle) {}

    /** A connection and what is waited for on it. */
    interface Watch {
        /** The rest of a request must arrive, whose head is there. */
        void await(RoutingContext ctx);

        /** A request is there as a whole. */
        void suspend(RoutingContext ctx);

        /** A request is answered, or given up. */
        void rest(RoutingContext ended);

        /** The connection is closed. */
        void end();
    }

    /** Watches a new connection for its first request head. */
    void onConnection(HttpConnection connection, boolean isHttp2, Runnable closing) {
        Watch watch = isHttp2 ? new StreamDeadlines(vertx, limits, connection) : new RequestsInTurn(connection);
        watches.put(connection, watch);
        connection.closeHandler(closed -> {
            watches.remove(connection);
            watch.end();
            closing.run();
        });
    }

    static Problem tooLate(Duration limit) {
        return Problem.of(
                408, "Request timeout", "the request did not arrive whole within " + limit.toMillis() + " ms");
    }

    /** Watches a request whose head is there until {@link #onArrival}. */
    void onHead(RoutingContext ctx) {
        Watch watch = watches.get(ctx.request().connection());
        if (watch != null) {
            watch.await(ctx);
            ctx.addEndHandler(ended -> watch.rest(ctx));
        }
    }

    /** Lets the request, which has arrived whole, take its time. */
    void onArrival(RoutingContext ctx) {
        Watch watch = watches.get(ctx.request().connection());
        if (watch != null) {
            watch.suspend(ctx);
        }
    }

    /** A connection of HTTP/1, on which one request comes after the other. */
    private final class RequestsInTurn implements Watch {
        private final HttpConnection connection;
        private Duration limit = limits.request().get();
        private long deadline = nanos.getAsLong() + limit.toNanos();
        private boolean isAnswering;
        /** The last request whose head is there; null: none since the last answer. */
        private @Nullable RoutingContext request;

        private long timer;
        private long looksAt;

        RequestsInTurn(HttpConnection connection) {
            this.connection = connection;
            arm(limit.toNanos());
        }

        @Override
        public void await(RoutingContext ctx) {
            request = ctx;
            isAnswering = false;
            expire(limits.request().get());
        }

        @Override
        public void suspend(RoutingContext ctx) {
            isAnswering = true;
            expire(limits.answer().get());
        }

        /** Not if the next request, already there, has set a deadline of its own. */
        @Override
        public void rest(RoutingContext ended) {
            if (request == ended) {
                request = null;
                isAnswering = false;
                expire(limits.idle());
            }
        }

        @Override
        public void end() {
            vertx.cancelTimer(timer);
        }

        private void expire(Duration after) {
            limit = after;
            deadline = nanos.getAsLong() + after.toNanos();
            if (deadline - looksAt < 0) {
                vertx.cancelTimer(timer);
                arm(after.toNanos());
            }
        }

        /** Looks as often as the shortest deadline comes, so that none that is set later has to set it anew. */
        private void arm(long left) {
            long shortest =
                    Math.min(limits.request().get().toNanos(), limits.idle().toNanos());
            long wait = Math.min(left, shortest);
            looksAt = nanos.getAsLong() + wait;
            timer = vertx.setTimer(TimeUnit.NANOSECONDS.toMillis(wait) + 1, elapsed -> look());
        }

        private void look() {
            long left = deadline - nanos.getAsLong();
            if (left > 0) {
                arm(left);
            } else if (request == null || isAnswering) {
                connection.close();
            } else {
                refuse(request);
            }
        }

        private void refuse(RoutingContext late) {
            late.response().putHeader("connection", "close");
            tooLate(limit).send(late.response());
            timer = vertx.setTimer(1_000, answered -> connection.close());
        }
    }
}
