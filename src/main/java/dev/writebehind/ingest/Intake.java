package dev.writebehind.ingest;

import io.vertx.core.Future;
import java.util.concurrent.Callable;

/** What a server lends to another dialect than the native API's. Safe for any event loop. */
public final class Intake {
    private final BodyWorkers workers;

    Intake(BodyWorkers workers) {
        this.workers = workers;
    }

    /** Completes with what that reading returns or throws; it runs on a thread that may take long. */
    public <T> Future<T> readAside(Callable<T> reading) {
        return workers.run(reading);
    }
}
