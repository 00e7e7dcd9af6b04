package dev.writebehind.blocking;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Calls that may block, made by Vert.x's worker threads; stateless. The futures complete on the caller's context with
 * what the call returns or throws, and fail where Vert.x has ended and takes none any more. Safe for any thread.
 */
public final class Blocking {
    private Blocking() {}

    /** A call that returns nothing. */
    public interface Action {
        /** Does it. */
        void run() throws Exception;
    }

    /** Makes the call after those that the same context has asked for before. */
    public static <T> Future<T> call(Vertx vertx, Callable<T> work) {
        return asked(() -> vertx.executeBlocking(work)).map(Objects::requireNonNull);
    }

    /** Makes the call after those that the same context has asked for before. */
    public static Future<Void> run(Vertx vertx, Action work) {
        return call(vertx, () -> {
                    work.run();
                    return true;
                })
                .mapEmpty();
    }

    /** Makes the call beside whatever else the context has asked for. */
    public static <T> Future<T> callApart(Vertx vertx, Callable<T> work) {
        return asked(() -> vertx.executeBlocking(work, false)).map(Objects::requireNonNull);
    }

    /** Makes the call by one of these threads, beside whatever else they do. */
    public static <T> Future<T> callApart(WorkerExecutor threads, Callable<T> work) {
        return asked(() -> threads.executeBlocking(work, false)).map(Objects::requireNonNull);
    }

    private static <T> Future<T> asked(Supplier<Future<T>> asking) {
        try {
            return asking.get();
        } catch (RejectedExecutionException e) {
            return Future.failedFuture(e);
        }
    }
}
