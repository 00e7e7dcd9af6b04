package dev.writebehind.buffer;

import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CourseReset;
import java.util.List;

/**
 * A course reset that is not yet carried out on the table, and whoever waits for it. Guarded by the
 * {@link LearnerEntry} that holds it.
 */
final class StandingReset {
    final CourseReset reset;
    /** Those who wait for the reset, or for writes that it undid. */
    final List<FlushTicket> tickets;

    ChangeLog.Entry entry;
    boolean inFlight;

    StandingReset(CourseReset reset, ChangeLog.Entry entry, List<FlushTicket> tickets) {
        this.reset = reset;
        this.entry = entry;
        this.tickets = tickets;
    }

    /** Has the reset written down once more if the log would be rid of its entry. */
    void renew(ChangeLog log) {
        if (log.isOutdated(entry)) {
            entry = log.append(reset, entry);
        }
    }

    /** Whether it is exactly this reset: a later one of the same learner and course would be another promise. */
    @SuppressWarnings("ReferenceEquality")
    boolean is(CourseReset other) {
        return reset == other;
    }
}
