package dev.writebehind.http;

import io.vertx.core.http.HttpConnection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bound on connections of all event loops together: what goes beyond is closed at once, and the log told once until
 * there is room again. Safe for any thread.
 */
public final class ConnectionLimit {
    private static final Logger log = LoggerFactory.getLogger(ConnectionLimit.class);

    private final int most;
    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder refused = new LongAdder();
    private final AtomicBoolean isFull = new AtomicBoolean();

    /** Lets so many be open. */
    public ConnectionLimit(int most) {
        this.most = most;
    }

    /** Counts a new connection until {@link #closed}, or closes it and returns false. */
    boolean admits(HttpConnection connection) {
        if (open.incrementAndGet() <= most) {
            return true;
        }
        open.decrementAndGet();
        refused.increment();
        if (isFull.compareAndSet(false, true)) {
            log.warn("{} connections are open, as many as http.max-connections lets: further ones are closed", most);
        }
        connection.close();
        return false;
    }

    /** Forgets one that was let in. Only with a tenth free is it told that there is room, lest the log fills up. */
    void closed() {
        int left = open.decrementAndGet();
        if (left <= most - Math.max(1, most / 10) && isFull.compareAndSet(true, false)) {
            log.info("There is room for connections again: {} are open", left);
        }
    }

    /** Returns how many are open. */
    public int open() {
        return open.get();
    }

    /** Returns how many were closed at once. */
    public long refused() {
        return refused.sum();
    }
}
