package dev.writebehind;

import dev.writebehind.condition.Event;
import dev.writebehind.condition.RecentEvents;
import dev.writebehind.core.Phase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The place of the service between its start and its end, which only ever moves forward. Safe for any thread. */
final class Lifecycle {
    private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

    private final RecentEvents events;
    private Phase phase = Phase.STARTING;

    Lifecycle(RecentEvents events) {
        this.events = events;
    }

    synchronized Phase phase() {
        return phase;
    }

    boolean isServing() {
        return phase() == Phase.SERVING;
    }

    /** Goes on to that phase; of no effect where it is not ahead: a start that ends after a stop began. */
    synchronized void advanceTo(Phase next) {
        if (next.compareTo(phase) > 0) {
            phase = next;
            log.info("The service is {}", next.label());
            events.add(Event.Kind.PHASE, "The service is " + next.label());
        }
    }
}
