package dev.writebehind.core;

import static java.util.Objects.requireNonNull;

/** The end of {@link Administration#flush}; immutable. */
public sealed interface FlushResult {
    /** A complete flush: everything accepted before the call is in the table. */
    record Flushed() implements FlushResult {}

    /** A paused flush: nothing is flushed, for an operator has paused it. */
    record Paused(String reason) implements FlushResult {
        public Paused {
            requireNonNull(reason, "reason");
        }
    }

    /** An incomplete flush: not everything is in the table yet; it will be tried again. */
    record NotFlushed(String reason) implements FlushResult {
        public NotFlushed {
            requireNonNull(reason, "reason");
        }
    }
}
