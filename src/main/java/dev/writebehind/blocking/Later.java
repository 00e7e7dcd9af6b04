package dev.writebehind.blocking;

import io.vertx.core.Vertx;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done after a while, time and again, until Vert.x ends. Stateless; safe for any thread. */
public final class Later {
    private static final Logger log = LoggerFactory.getLogger(Later.class);

    private Later() {}

    /** Does that on the caller's context after so many milliseconds, unless Vert.x has ended by now. */
    public static void run(Vertx vertx, long millis, Runnable action) {
        try {
            vertx.setTimer(millis, elapsed -> action.run());
        } catch (RejectedExecutionException | IllegalStateException e) {
            log.debug("The service ends, and this need not be done any more", e);
        }
    }
}
