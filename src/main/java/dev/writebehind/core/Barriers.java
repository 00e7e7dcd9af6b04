package dev.writebehind.core;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/**
 * Those who wait until another instance has told of something for all that was received up to a time: that it is in the
 * table, or that flushing rests since. Safe for any thread.
 */
final class Barriers {
    private final List<Barrier> waiting = new ArrayList<>();
    private long passed;

    private record Barrier(long receivedUpTo, Promise<Void> promise) {}

    /** Completes once that was told for everything received up to that time, microseconds since the epoch. */
    Future<Void> await(long receivedUpTo) {
        Promise<Void> promise = Promise.promise();
        synchronized (this) {
            if (receivedUpTo > passed) {
                waiting.add(new Barrier(receivedUpTo, promise));
                return promise.future();
            }
        }
        return Future.succeededFuture();
    }

    /** Takes note that it was told for everything received up to then. */
    void pass(long upTo) {
        List<Barrier> through = new ArrayList<>();
        synchronized (this) {
            passed = Math.max(passed, upTo);
            waiting.removeIf(barrier -> barrier.receivedUpTo() <= passed && through.add(barrier));
        }
        through.forEach(barrier -> barrier.promise().complete());
    }
}
