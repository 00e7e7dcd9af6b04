package dev.writebehind.store;

import java.util.Optional;

/** The word on the claim under which sessions may write. Called on the context of the sessions that it was given to. */
public interface Fencing {
    /** Nobody else flushes, and rows are written as if there were no fence. */
    Fencing NONE = new Fencing() {
        @Override
        public boolean isNeeded() {
            return false;
        }

        @Override
        public Optional<Fence> inForce() {
            return Optional.empty();
        }
    };

    /** Whether a session may write under a claim alone; always the same. */
    default boolean isNeeded() {
        return true;
    }

    /** Returns this instance's claim; nothing: it has none, or has learnt of another's. */
    Optional<Fence> inForce();
}
