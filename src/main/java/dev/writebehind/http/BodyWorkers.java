package dev.writebehind.http;

import dev.writebehind.blocking.Blocking;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;

/**
 * The threads that read large bodies, as many as there are processors and shared by all event loops: what reading takes
 * besides the body itself is so bounded too. Safe for any event loop.
 */
public final class BodyWorkers {
    private static final String NAME = "body-worker";

    private final WorkerExecutor threads;

    BodyWorkers(Vertx vertx) {
        threads = vertx.createSharedWorkerExecutor(NAME, Runtime.getRuntime().availableProcessors());
    }

    /** Completes, on the caller's context, with what the reading returns or throws. */
    public <T> Future<T> run(Callable<T> reading) {
        return Blocking.callApart(threads, reading);
    }

    Future<Void> close() {
        return threads.close();
    }
}
