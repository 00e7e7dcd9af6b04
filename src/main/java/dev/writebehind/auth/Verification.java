package dev.writebehind.auth;

import java.time.Instant;

/** What a JWT was found to be. */
sealed interface Verification {
    /**
     * Genuine, and in force.
     *
     * @param expiresAt from when on it is not
     */
    record Genuine(Caller caller, Instant expiresAt) implements Verification {}

    /** Nothing to go by, whatever keys there are. */
    record Refused(Refusal refusal) implements Verification {}

    /** Well formed, but signed with a key that is not known. */
    record UnknownKey() implements Verification {}
}
