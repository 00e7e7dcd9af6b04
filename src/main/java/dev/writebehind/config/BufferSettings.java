package dev.writebehind.config;

import java.time.Duration;

/**
 * Bounds of the pending writes.
 *
 * @param maxPending most distinct keys not yet in the table, in flight included
 * @param maxBytes most heap they may take, estimated
 * @param retain how long the rows of a learner and course that were read stay readable from memory; zero: not at all
 */
public record BufferSettings(
        @Reloads int maxPending,
        @Reloads ByteSize maxBytes,
        @Reloads Duration retain) {
    public BufferSettings {
        Require.between("buffer.max-pending", maxPending, 1, 1_000_000_000);
        Require.between("buffer.max-bytes", maxBytes, ByteSize.ofKibibytes(1), ByteSize.ofMebibytes(1L << 20));
        Require.between("buffer.retain", retain, Duration.ZERO, Duration.ofHours(1));
    }
}
