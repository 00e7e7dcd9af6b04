package dev.writebehind.journal.kafka;

import dev.writebehind.journal.UnusableJournalException;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * A place in the log, from which it can be followed and what follows gets the same receipt times as from its beginning;
 * immutable.
 *
 * @param offset of the first record behind it
 * @param stamp what is behind it is later than that, and nothing before it is; microseconds since the epoch, UTC
 */
record Place(long offset, long stamp) {
    /** Before the first record that the topic ever had. */
    static final Place FIRST = new Place(0, 0);

    /** Grows with each change by which an older version would misread it. */
    private static final int VERSION = 1;

    private static final Pattern METADATA = Pattern.compile(VERSION + " (\\d{1,18})");

    /** Returns the form in which a group keeps it. */
    OffsetAndMetadata committed() {
        return new OffsetAndMetadata(offset, VERSION + " " + stamp);
    }

    /**
     * Returns the place that a group has kept.
     *
     * @throws UnusableJournalException if it was not kept by a service of this kind
     */
    static Place of(OffsetAndMetadata committed) {
        Matcher matcher = METADATA.matcher(committed.metadata());
        if (!matcher.matches()) {
            String why = "the place of the Kafka consumer group (journal.kafka.group) is not one that this version of"
                    + " the service has kept: its metadata is \"" + committed.metadata() + "\". Start the newer"
                    + " version again if there was one; use a group that nothing else commits to";
            throw new UnusableJournalException(why, new IOException("unknown metadata"));
        }
        return new Place(committed.offset(), Long.parseLong(matcher.group(1)));
    }
}
