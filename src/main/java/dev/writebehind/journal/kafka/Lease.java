package dev.writebehind.journal.kafka;

import java.time.Duration;

/**
 * The time for which this instance may take itself for the elected one: it was given the partition, and since then the
 * brokers have taken something from it that they take from a member alone, no longer ago than they wait for one. By a
 * clock of this machine, which counts on while the process stands still. For one thread.
 */
final class Lease {
    private final long sessionNanos;
    private boolean isOwner;
    private boolean isConfirmed;
    private long confirmedAt;

    /** @param session after which brokers give up a member that they hear nothing of */
    Lease(Duration session) {
        this.sessionNanos = session.toNanos();
    }

    /** Takes note that the partition is this instance's. */
    void given() {
        isOwner = true;
    }

    /** Takes note that it is not any more. */
    void taken() {
        isOwner = false;
        isConfirmed = false;
    }

    /** Takes note that the brokers know of no such member, whatever was given to it. */
    void denied() {
        isConfirmed = false;
    }

    /** Takes note that they know it, at some time after that one. */
    void confirmed(long askedAt) {
        isConfirmed = true;
        confirmedAt = askedAt;
    }

    boolean isOwner() {
        return isOwner;
    }

    /** Whether it was confirmed no longer ago than that. */
    boolean isConfirmedWithin(Duration time, long now) {
        return isConfirmed && now - confirmedAt < time.toNanos();
    }

    /** Returns for how long it holds without another confirmation; zero: it does not hold. */
    Duration left(long now) {
        boolean holds = isOwner && isConfirmed;
        return holds ? Duration.ofNanos(Math.max(0, sessionNanos - (now - confirmedAt))) : Duration.ZERO;
    }
}
