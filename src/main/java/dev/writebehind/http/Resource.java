package dev.writebehind.http;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;

/** A path of the public port. Confined to the event loop of the server instance that it was opened for. */
public interface Resource {
    /** Returns the path that is served, as the router takes it, with any method. */
    String path();

    /**
     * Decides, by its head alone, on a request; the body waits until then. Fails, or throws, with
     * {@link ProblemException} for what the caller did wrong, with anything else for a fault of the service.
     */
    Future<Reception> onHead(RoutingContext ctx);
}
