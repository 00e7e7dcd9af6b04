package dev.writebehind.flush;

import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log is told of dead letters: of the first at once, of those that follow within seconds in one line, however
 * many they are. Confined to its verticle's context.
 */
final class DeadLetterNews {
    private static final Logger log = LoggerFactory.getLogger(DeadLetterNews.class);
    private static final long QUIET_MILLIS = 10_000;

    private final Vertx vertx;
    private final long quietMillis;
    private boolean isQuiet;
    private long untold;
    private String last = "";

    DeadLetterNews(Vertx vertx) {
        this(vertx, QUIET_MILLIS);
    }

    /** @param quietMillis time after a line in which there is no other */
    DeadLetterNews(Vertx vertx, long quietMillis) {
        this.vertx = vertx;
        this.quietMillis = quietMillis;
    }

    /** Takes note of a dead letter of that id. */
    void buried(String id) {
        untold++;
        last = id;
        if (!isQuiet) {
            tell();
        }
    }

    private void tell() {
        if (untold == 1) {
            log.warn("The table can't hold a change; it is dead letter {}", last);
        } else {
            log.warn("The table can't hold {} more changes; the last of them is dead letter {}", untold, last);
        }
        untold = 0;
        isQuiet = true;
        vertx.setTimer(quietMillis, timer -> {
            isQuiet = false;
            if (untold > 0) {
                tell();
            }
        });
    }
}
