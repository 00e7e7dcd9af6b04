package dev.writebehind.auth;

import java.time.Instant;

/** The result of verifying a JWT. */
sealed interface Verification {
    /**
     * A genuine JWT, in force.
     *
     * @param expiresAt from when on it is not
     */
    record Genuine(Caller caller, Instant expiresAt) implements Verification {}

    /** A JWT that is nothing to go by, whatever keys there are. */
    record Refused(Refusal refusal) implements Verification {}

    /** A well-formed JWT, but signed with a key that is not known. */
    record UnknownKey() implements Verification {}
}
