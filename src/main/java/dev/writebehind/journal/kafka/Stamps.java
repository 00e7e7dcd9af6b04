package dev.writebehind.journal.kafka;

import java.util.concurrent.TimeUnit;

/**
 * The receipt times of what is in the topic, in its order: for each change a microsecond of its own, not before the
 * time at which the broker appended it. A function of the topic alone, so that every instance comes to the same,
 * whatever its clock says. Confined to the follower's thread.
 */
final class Stamps {
    /** How far a floor may be ahead of the broker's clock: further than that, an instance's own clock is wrong. */
    static final long MOST_AHEAD_MICROS = TimeUnit.MINUTES.toMicros(1);

    private long last;

    /** @param last the receipt time of the last change before the first that is asked for; 0: there is none */
    Stamps(long last) {
        this.last = last;
    }

    /** Returns the first of that many consecutive receipt times, microseconds since the epoch, UTC. */
    long next(long appendedMillis, int changes) {
        long first = Math.max(TimeUnit.MILLISECONDS.toMicros(appendedMillis), last + 1);
        if (changes > 0) {
            last = first + changes - 1;
        }
        return first;
    }

    /** Has whatever follows be later than that floor, as far as it is near to the time when it was appended. */
    void continueAfter(long floor, long appendedMillis) {
        last = Math.max(last, Math.min(floor, TimeUnit.MILLISECONDS.toMicros(appendedMillis) + MOST_AHEAD_MICROS));
    }

    /** Returns a time that nothing follows at or before: the last change's so far, or a later floor. */
    long last() {
        return last;
    }
}
