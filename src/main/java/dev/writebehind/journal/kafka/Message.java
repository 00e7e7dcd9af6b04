package dev.writebehind.journal.kafka;

import static java.util.Objects.requireNonNull;

import dev.writebehind.journal.LogRecord;

/** A record of the topic, as instances write and read it; immutable. */
sealed interface Message {
    /** Returns how many receipt times it takes up. */
    int changes();

    /**
     * The changes of one request, or what an instance tells the others.
     *
     * @param validity of changes; what is told is never too late
     */
    record Entry(Origin origin, Validity validity, LogRecord.Content content) implements Message {
        public Entry {
            requireNonNull(origin, "origin");
            requireNonNull(validity, "validity");
            requireNonNull(content, "content");
        }

        @Override
        public int changes() {
            return content.changes();
        }
    }

    /** A question whether the topic takes anything, which nobody need read. */
    record Probe() implements Message {
        @Override
        public int changes() {
            return 0;
        }
    }
}
