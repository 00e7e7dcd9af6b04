package dev.writebehind.core;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/** Those who wait until all received up to a time is in the table, by whichever instance. Safe for any thread. */
final class Barriers {
    private final List<Barrier> waiting = new ArrayList<>();
    private long passed;

    private record Barrier(long receivedUpTo, Promise<Void> promise) {}

    /** Completes once everything received up to that time, microseconds since the epoch, is in the table. */
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

    /** Takes note that everything received up to then is there. */
    void pass(long upTo) {
        List<Barrier> through = new ArrayList<>();
        synchronized (this) {
            passed = Math.max(passed, upTo);
            waiting.removeIf(barrier -> barrier.receivedUpTo() <= passed && through.add(barrier));
        }
        through.forEach(barrier -> barrier.promise().complete());
    }
}
