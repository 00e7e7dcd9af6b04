package dev.writebehind.testing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A clock for upper bounds: counts the naps of a thread beside, each of which counts for no more than it was to take. A
 * machine that stands still, or is too busy, makes naps longer and not more. Safe for any thread.
 */
public final class Naps {
    private static final long NAP_NANOS = Duration.ofMillis(10).toNanos();
    private static final AtomicLong NAPS = new AtomicLong();

    static {
        Thread sleeper = new Thread(Naps::sleep, "naps");
        sleeper.setDaemon(true);
        sleeper.start();
    }

    private Naps() {}

    /** Returns the nanoseconds of the naps so far. */
    public static long nanos() {
        return NAPS.get() * NAP_NANOS;
    }

    /** Returns how long ago {@link #nanos} returned that; hardly more than by any other clock. */
    public static Duration since(long nanos) {
        return Duration.ofNanos(nanos() - nanos);
    }

    private static void sleep() {
        while (true) {
            LockSupport.parkNanos(NAP_NANOS);
            NAPS.incrementAndGet();
        }
    }
}
