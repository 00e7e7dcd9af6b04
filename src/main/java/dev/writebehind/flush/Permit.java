package dev.writebehind.flush;

import dev.writebehind.store.Fence;
import dev.writebehind.store.Fencing;
import java.util.Optional;

/**
 * The permission to flush: it takes that no operator has paused flushing, and that no other instance flushes. Written
 * on the flusher's context, read by any thread.
 */
final class Permit {
    private volatile Role role;
    private volatile boolean paused;

    Permit(Role role) {
        this.role = role;
    }

    Role role() {
        return role;
    }

    void take(Role next) {
        role = next;
    }

    boolean isPaused() {
        return paused;
    }

    void pause(boolean word) {
        paused = word;
    }

    /** Whether something may go to the table now. */
    boolean isGiven() {
        return !paused && role.mayFlush();
    }

    /** Returns why not. */
    RuntimeException refusal() {
        return paused ? new FlushingPausedException() : new IllegalStateException("another instance flushes");
    }

    /** Returns the fence behind which sessions write. */
    Fencing fencing() {
        return role instanceof Role.Alone ? Fencing.NONE : this::fence;
    }

    private Optional<Fence> fence() {
        return role instanceof Role.Leading leading ? Optional.of(leading.fence()) : Optional.empty();
    }
}
