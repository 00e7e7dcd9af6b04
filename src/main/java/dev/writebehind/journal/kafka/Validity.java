package dev.writebehind.journal.kafka;

/**
 * The time in which a request has to come into the log, or it counts as never sent: its sender has been told long since
 * that it was not acknowledged, and others may have written something newer. A function of the record and of when the
 * log took it, so that every instance comes to the same; immutable.
 *
 * @param sentAt the log's time when the request was taken, as its instance estimated it, milliseconds since the epoch;
 *     0: it did not know, so that there is no limit
 * @param millis how long after that it may come
 */
record Validity(long sentAt, long millis) {
    static final Validity UNLIMITED = new Validity(0, 0);

    Validity {
        if (sentAt < 0 || millis < 0) {
            throw new IllegalArgumentException("a validity has no negative times");
        }
    }

    /** Whether what the log took then came too late. */
    boolean isOverAt(long appendedMillis) {
        return sentAt != 0 && appendedMillis - sentAt > millis;
    }
}
