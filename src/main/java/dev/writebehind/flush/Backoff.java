package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.config.FlushSettings;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * Pauses after failures: each up to twice as long as the one before, with jitter so that instances do not come back in
 * step. Confined to the flusher's context.
 */
final class Backoff {
    private final Supplier<FlushSettings> settings;
    private final DoubleSupplier random;
    private int failures;

    /** @param random numbers from 0.0 (inclusive) to 1.0 */
    Backoff(Supplier<FlushSettings> settings, DoubleSupplier random) {
        this.settings = requireNonNull(settings, "settings");
        this.random = requireNonNull(random, "random");
    }

    /** Counts a failure. Returns how long to pause before the next try: half to all of the current bound. */
    Duration next() {
        long bound = settings.get().interval().toMillis() << Math.min(failures, 20);
        failures++;
        long capped = Math.max(1, Math.min(bound, settings.get().maxBackoff().toMillis()));
        return Duration.ofMillis(Math.max(1, Math.round(capped * (0.5 + random.getAsDouble() / 2))));
    }

    void reset() {
        failures = 0;
    }
}
