package dev.writebehind.journal.kafka;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The estimate of what time it is for the brokers, whatever this machine's clock says: from the times at which they
 * took what is acknowledged to this instance, or read by it. Both are known some time after that, so the estimate that
 * is most ahead of late is the best one; where the lead moves to a broker whose clock is behind, it stays ahead for a
 * while. Safe for any thread.
 */
final class LogTime {
    /** An estimate is held on to for that long at least, and for twice as long at most while records are read. */
    static final Duration KEPT = Duration.ofMinutes(5);

    private static final long NOTHING = Long.MIN_VALUE;

    private final LongSupplier nanos;
    /** Milliseconds by which brokers' time is ahead of the stopwatch, at least: the largest since {@link #since}. */
    private long ahead = NOTHING;

    /** The largest of the span of time before. */
    private long aheadBefore = NOTHING;

    private long since;

    LogTime(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Takes note that something is read now that the brokers took then, milliseconds since the epoch. Of no effect
     * before the first acknowledgement: what is read at the start may be of any age.
     */
    synchronized void read(long appendedMillis) {
        if (ahead != NOTHING) {
            acknowledged(appendedMillis);
        }
    }

    /** Takes note that something is acknowledged now that the brokers took then. */
    synchronized void acknowledged(long appendedMillis) {
        long now = nanos.getAsLong();
        if (ahead == NOTHING || now - since > KEPT.toNanos()) {
            aheadBefore = ahead;
            ahead = NOTHING;
            since = now;
        }
        ahead = Math.max(ahead, appendedMillis - TimeUnit.NANOSECONDS.toMillis(now));
    }

    /** Returns it, milliseconds since the epoch; 0: nothing was acknowledged yet. */
    synchronized long now() {
        return ahead == NOTHING
                ? 0
                : Math.max(0, Math.max(ahead, aheadBefore) + TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong()));
    }
}
