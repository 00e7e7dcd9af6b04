package dev.writebehind.core;

import dev.writebehind.journal.Told;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Those who wait until the instance that flushes has tried a dead letter again. Safe for any thread. */
final class Retries {
    private static final long PATIENCE_SECONDS = 30;

    private final Map<Long, List<Promise<Boolean>>> waiting = new HashMap<>();

    /** Completes with whether there was one of that id; fails with why it is not in the table, or not for certain. */
    Future<Boolean> await(long id) {
        Promise<Boolean> promise = Promise.promise();
        synchronized (this) {
            waiting.computeIfAbsent(id, first -> new ArrayList<>(1)).add(promise);
        }
        return promise.future()
                .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .onComplete(ended -> forget(id, promise))
                .recover(failure -> Future.failedFuture(
                        failure instanceof TimeoutException
                                ? new TimeoutException("no instance has told within " + PATIENCE_SECONDS
                                        + " s that it was tried; see whether it is still there, and ask again")
                                : failure));
    }

    private synchronized void forget(long id, Promise<Boolean> promise) {
        waiting.computeIfPresent(id, (key, all) -> all.remove(promise) && all.isEmpty() ? null : all);
    }

    /** Returns the ids of which somebody waits to hear. */
    synchronized List<Long> ids() {
        return List.copyOf(waiting.keySet());
    }

    /** Takes note of what came of it. */
    void ended(Told.Retried retried) {
        for (Promise<Boolean> promise : remove(retried.id())) {
            String failure = retried.failure();
            if (failure == null) {
                promise.tryComplete(retried.found());
            } else {
                promise.tryFail(failure);
            }
        }
    }

    /** Nobody will be told: the question did not get through. */
    void failed(long id, Throwable failure) {
        remove(id).forEach(promise -> promise.tryFail(failure));
    }

    private synchronized List<Promise<Boolean>> remove(long id) {
        List<Promise<Boolean>> all = waiting.remove(id);
        return all == null ? List.of() : all;
    }
}
