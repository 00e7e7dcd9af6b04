package dev.writebehind.flush;

import dev.writebehind.blocking.InTurn;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * Those who wait for the flusher: until everything received so far is in the table, until a dead letter has been tried
 * again, until nothing is on its way to the table. Confined to the flusher's context.
 */
final class Waiters {
    private List<Barrier> barriers = new ArrayList<>();
    private List<Barrier> served = new ArrayList<>();
    private final Deque<Retry> retries = new ArrayDeque<>();
    private final List<Promise<Void>> quiet = new ArrayList<>();

    /** A wait until everything received up to that time is in the table. */
    private record Barrier(long receivedUpTo, Promise<Void> passed) {}

    /** A wait for the end of the next cycle, to try a dead letter again while nothing else is on its way. */
    private record Retry(String id, Promise<Boolean> done) {}

    /** Has it completed once everything received up to that time is in the table. */
    void awaitFlushOf(long receivedUpTo, Promise<Void> passed) {
        barriers.add(new Barrier(receivedUpTo, passed));
    }

    /** Has it completed once that dead letter has been tried again: with whether there was one. */
    void awaitRetryOf(String id, Promise<Boolean> done) {
        retries.add(new Retry(id, done));
    }

    /** Has it completed at the end of the cycle that is under way. */
    void awaitQuiet(Promise<Void> done) {
        quiet.add(done);
    }

    /** A cycle begins: what is received from now on may not be in it. */
    void beginCycle() {
        served = barriers;
        barriers = new ArrayList<>();
    }

    /**
     * The cycle has flushed what it could.
     *
     * @param oldestLeft receipt of the oldest write that is not in the table, microseconds
     */
    void endCycle(long oldestLeft) {
        for (Barrier barrier : served) {
            if (oldestLeft > barrier.receivedUpTo()) {
                barrier.passed().complete();
            } else {
                barriers.add(barrier);
            }
        }
        served = new ArrayList<>();
    }

    /** Whether somebody waits for the end of the cycle that has begun. */
    boolean areForThisCycle() {
        return !served.isEmpty();
    }

    /** Whether somebody waits for what a further cycle may flush. */
    boolean areForAnotherCycle() {
        return !barriers.isEmpty();
    }

    /** Tries the dead letters one after the other, those that are asked for meanwhile too. Never fails. */
    Future<Void> retryAll(Function<String, Future<Boolean>> trying) {
        return InTurn.repeat(() -> {
            Retry next = retries.poll();
            return next == null
                    ? Future.succeededFuture(false)
                    : trying.apply(next.id()).transform(tried -> {
                        next.done().handle(tried);
                        return Future.succeededFuture(true);
                    });
        });
    }

    /** Nothing is on its way to the table. */
    void onQuiet() {
        List<Promise<Void>> told = List.copyOf(quiet);
        quiet.clear();
        told.forEach(Promise::complete);
    }

    /** Fails those who wait for a flush or a retry that does not come. */
    void refuse(RuntimeException reason) {
        barriers.forEach(barrier -> barrier.passed().fail(reason));
        barriers.clear();
        retries.forEach(retry -> retry.done().fail(reason));
        retries.clear();
    }

    /** Fails all for good. */
    void stop(RuntimeException reason) {
        refuse(reason);
        quiet.forEach(caller -> caller.fail(reason));
        quiet.clear();
    }
}
