package dev.writebehind.journal.kafka;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bound on how many records of the log a new instance would have to read. Safe for any thread. */
final class LogBound {
    private static final Logger log = LoggerFactory.getLogger(LogBound.class);

    private final long max;
    private final AtomicBoolean isReached = new AtomicBoolean();

    LogBound(long max) {
        this.max = max;
    }

    /** Returns whether no more may be added to so many. */
    boolean isReachedBy(long records) {
        boolean isFull = records >= max;
        if (isFull != isReached.get() && isReached.compareAndSet(!isFull, isFull)) {
            if (isFull) {
                log.warn(
                        "The log holds {} records that are needed, and journal.kafka.max-log is {}: nothing is taken"
                                + " until the oldest of them are in the table",
                        records,
                        max);
            } else {
                log.info("The log has room again");
            }
        }
        return isFull;
    }
}
