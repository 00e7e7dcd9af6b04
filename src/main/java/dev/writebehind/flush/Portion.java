package dev.writebehind.flush;

import dev.writebehind.config.FlushSettings;

/**
 * How much of what is pending a cycle takes on: all of it, so that it is sorted as a whole; after a cycle that was cut
 * short for those who wait, a batch for each lane, and twice as much after each that was not. Confined to the flusher's
 * context.
 */
final class Portion {
    private static final int MOST_BATCHES = 1_024;

    private int batches = MOST_BATCHES;

    /** Returns how many changes are enough for the next cycle; {@link Integer#MAX_VALUE}: all. */
    int changes(FlushSettings settings) {
        long changes = (long) batches * settings.lanes() * settings.batchSize();
        return batches == MOST_BATCHES || changes > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) changes;
    }

    /** Takes note of how a cycle went. */
    void ended(boolean isCutShort) {
        batches = isCutShort ? 1 : Math.min(MOST_BATCHES, 2 * batches);
    }
}
