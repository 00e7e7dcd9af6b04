package dev.writebehind.flush;

import dev.writebehind.config.FlushSettings;

/**
 * How much of what is pending a cycle takes on: some batches for each lane, sorted as a whole, for what is written
 * anew before its turn comes need not be flushed twice; after a cycle that was cut short for those who wait, a batch
 * for each lane, and twice as much after each that was not. Confined to the flusher's context.
 */
final class Portion {
    private static final int MOST_BATCHES = 32;

    private int batches = MOST_BATCHES;

    /** Returns how many changes are enough for the next cycle. */
    int changes(FlushSettings settings) {
        return (int) Math.min(Integer.MAX_VALUE, (long) batches * settings.lanes() * settings.batchSize());
    }

    /** Takes note of how a cycle went. */
    void ended(boolean isCutShort) {
        batches = isCutShort ? 1 : Math.min(MOST_BATCHES, 2 * batches);
    }
}
