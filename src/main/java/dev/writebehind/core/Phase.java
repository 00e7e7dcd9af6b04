package dev.writebehind.core;

/** The stretches of a service's life, in their order. */
public enum Phase {
    /** Nothing is accepted yet. */
    STARTING("starting"),
    /** Requests are accepted. */
    SERVING("serving"),
    /** Nothing more is accepted; what was, is being flushed. */
    DRAINING("draining");

    private final String label;

    Phase(String label) {
        this.label = label;
    }

    /** Returns the name that health answers show. */
    public String label() {
        return label;
    }
}
