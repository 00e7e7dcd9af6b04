package dev.writebehind;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.flush.Flusher;
import dev.writebehind.http.PublicServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the service, in order: what is pending first, while new requests are refused, then the requests still
 * under way and what these left pending, then the flusher's connections and everything else. Safe for any thread.
 */
final class Shutdown {
    /** The part of the limit that is kept for closing sockets and threads; a quarter if less. */
    static final Duration MAX_CLOSING = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

    private final Vertx vertx;
    private final Durability durability;
    private final CompletionBuffer buffer;
    private final Flusher flusher;
    private final List<PublicServer> servers;
    private @Nullable Future<Long> stopping;

    /**
     * Prepares it.
     *
     * @param servers those that listen when it begins
     */
    Shutdown(Vertx vertx, Durability durability, CompletionBuffer buffer, Flusher flusher, List<PublicServer> servers) {
        this.vertx = vertx;
        this.durability = durability;
        this.buffer = buffer;
        this.flusher = flusher;
        this.servers = servers;
    }

    /**
     * Begins, once. Completes with the number of keys that may be lost, after the limit at the latest.
     *
     * @param limit how long it may take
     */
    synchronized Future<Long> begin(Duration limit) {
        Future<Long> running = stopping;
        if (running == null) {
            running = stopInOrder(limit);
            stopping = running;
        }
        return running;
    }

    private Future<Long> stopInOrder(Duration limit) {
        Duration closing = limit.dividedBy(4).compareTo(MAX_CLOSING) < 0 ? limit.dividedBy(4) : MAX_CLOSING;
        long end = System.nanoTime() + limit.toNanos();
        long drained = end - closing.toNanos();
        // Not a future of a context: its event loop would be closed before it could complete.
        Promise<Long> stopped = Promise.promise();
        // Before anything is waited for: the database may stay away, and then a crash must find all of it written down.
        Future<Long> recorded = Blocking.callApart(vertx, durability::record);
        // The ports stay open until the buffer is drained: a server that shuts down hangs up on idle connections, and
        // who sends over one of these just then would not be told whether his request was taken.
        Future.succeededFuture()
                .transform(any -> flushUntil(drained))
                .transform(any -> answerUntil(drained))
                .transform(any -> flushUntil(drained))
                .transform(any -> {
                    long left = buffer.pendingKeys();
                    return recorded.transform(first -> Blocking.callApart(vertx, durability::close))
                            .timeout(remainingMillis(end), TimeUnit.MILLISECONDS)
                            .otherwise(late -> {
                                log.debug("The journal does not close in time", late);
                                return buffer.keysAtRisk();
                            })
                            .onSuccess(lost -> report(left, lost, limit));
                })
                .onSuccess(lost -> vertx.close().onComplete(closed -> stopped.complete(lost)));
        return stopped.future();
    }

    private Future<?> flushUntil(long deadline) {
        return durability.drain(flusher).timeout(remainingMillis(deadline), TimeUnit.MILLISECONDS);
    }

    private Future<?> answerUntil(long deadline) {
        Duration timeout = Duration.ofMillis(remainingMillis(deadline));
        return Future.join(
                servers.stream().map(server -> server.shutdown(timeout)).toList());
    }

    private void report(long left, long lost, Duration limit) {
        if (left == 0) {
            log.info("Everything accepted is in the table");
            return;
        }
        if (lost == 0) {
            log.warn("{} keys are not in the table; they {}", left, durability.leftTo());
            return;
        }
        String failure = flusher.failure();
        log.error(
                "{} keys did not reach the table within {} ms, and {} of them not the journal either ({}): {}",
                left,
                lost,
                limit.toMillis(),
                durability.view().state().get().explanation(),
                failure == null ? "the database did not answer in time" : failure);
    }

    private static long remainingMillis(long deadline) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
    }
}
