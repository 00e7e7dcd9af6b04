package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Pauses after failures: each up to twice as long as the one before, with jitter so that instances do not come back in
 * step. Confined to the flusher's context.
 */
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private final DoubleSupplier random;
    private int failures;

    /** @param random numbers from 0.0 (inclusive) to 1.0 */
    Backoff(Duration first, Duration longest, DoubleSupplier random) {
        this.first = requireNonNull(first, "first");
        this.longest = requireNonNull(longest, "longest");
        this.random = requireNonNull(random, "random");
    }

    /** Counts a failure. Returns how long to pause before the next try: half to all of the current bound. */
    Duration next() {
        long bound = first.toMillis() << Math.min(failures, 20);
        failures++;
        long capped = Math.max(1, Math.min(bound, longest.toMillis()));
        return Duration.ofMillis(Math.max(1, Math.round(capped * (0.5 + random.getAsDouble() / 2))));
    }

    void reset() {
        failures = 0;
    }
}
