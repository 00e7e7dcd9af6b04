package dev.writebehind.config;

import java.time.Duration;

/**
 * The timing and manner of flushes, by which pending writes go to the table.
 *
 * @param interval longest time a write waits before its flush begins, while the database keeps up
 * @param batchSize most rows in one transaction
 * @param lanes connections that flush side by side, each a range of the sorted keys
 * @param threshold pending keys that start a flush at once
 * @param maxBackoff longest pause after failed flushes
 */
public record FlushSettings(
        @Reloads Duration interval,
        @Reloads int batchSize,
        @Reloads int lanes,
        @Reloads int threshold,
        @Reloads Duration maxBackoff) {
    public FlushSettings {
        Require.between("flush.interval", interval, Duration.ofMillis(1), Duration.ofHours(1));
        Require.between("flush.batch-size", batchSize, 1, 10_000);
        Require.between("flush.lanes", lanes, 1, 64);
        Require.between("flush.threshold", threshold, 1, 1_000_000_000);
        Require.between("flush.max-backoff", maxBackoff, Duration.ofMillis(1), Duration.ofHours(1));
    }
}
