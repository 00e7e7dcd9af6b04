package dev.writebehind.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;

/** A dialect that the public port speaks, for one instance of the server. Confined to that instance's event loop. */
public interface Dialect {
    /**
     * Opens its resources, once.
     *
     * @param workers the threads for reading what would hold up the event loop
     */
    List<Resource> open(Vertx vertx, BodyWorkers workers);

    /** Closes what opening them opened. */
    Future<Void> close();
}
