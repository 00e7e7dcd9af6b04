package dev.writebehind.ingest;

import dev.writebehind.auth.Authentication;
import io.vertx.ext.web.RoutingContext;

/** A path of the public port that speaks another dialect than the native API. Called on every event loop. */
public interface DialectRoute {
    /** Returns the path that is served, exactly so and with any method. */
    String path();

    /**
     * Decides, before the body is read, on who a request is from: answers it, or lets it pass with
     * {@link RoutingContext#next()}.
     */
    void onAuthentication(RoutingContext ctx, Authentication outcome);

    /** Answers a request that has arrived whole, and gives the body back once it is read. */
    void onArrival(RoutingContext ctx, RequestBody body, Intake intake);
}
