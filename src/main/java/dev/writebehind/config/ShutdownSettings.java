package dev.writebehind.config;

import java.time.Duration;

/**
 * The orderly stop.
 *
 * @param drainTimeout longest time from the signal to the exit
 */
public record ShutdownSettings(@Reloads Duration drainTimeout) {
    public ShutdownSettings {
        Require.between("shutdown.drain-timeout", drainTimeout, Duration.ZERO, Duration.ofHours(1));
    }
}
