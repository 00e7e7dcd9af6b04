package dev.writebehind.ops;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the service is between its start and its end; only ever goes forward. Safe for any thread. */
public final class Lifecycle {
    private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

    private volatile State state = new Starting();

    /** One stretch of the service's life. */
    public sealed interface State {
        /** Returns the name that health answers show. */
        String label();
    }

    /** Nothing is accepted yet. */
    record Starting() implements State {
        @Override
        public String label() {
            return "starting";
        }
    }

    /** Requests are accepted on that port. */
    public record Serving(int port) implements State {
        @Override
        public String label() {
            return "serving";
        }
    }

    /** Nothing more is accepted; what was, is being flushed. */
    public record Draining() implements State {
        @Override
        public String label() {
            return "draining";
        }
    }

    /** Returns where the service is now. */
    public State state() {
        return state;
    }

    /** Whether requests are accepted. */
    public boolean isServing() {
        return state instanceof Serving;
    }

    /** Goes on to that state. */
    public void enter(State next) {
        state = next;
        log.info("The service is {}", next.label());
    }
}
