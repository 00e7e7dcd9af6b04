package dev.writebehind.openedx;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The rate limit of so many statements a second, and after a rest as many at once; confined to one context. */
final class Pace {
    private final long interval;
    private final long longestCredit;
    private final LongSupplier nanoTime;
    /** When the next one would be due had they come evenly. */
    private long due;

    Pace(int perSecond, LongSupplier nanoTime) {
        this.interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.longestCredit = TimeUnit.SECONDS.toNanos(1) - interval;
        this.nanoTime = nanoTime;
        this.due = nanoTime.getAsLong() - longestCredit;
    }

    /** Begins one and returns 0, or returns in how many milliseconds, at least 1, to ask again. */
    long begin() {
        long now = nanoTime.getAsLong();
        long wait = due - now;
        if (wait > 0) {
            return TimeUnit.NANOSECONDS.toMillis(wait) + 1;
        }
        due = Math.max(due - now, -longestCredit) + now + interval;
        return 0;
    }
}
