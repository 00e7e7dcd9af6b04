package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * An opaque token that the LMS gave to a user; immutable.
 *
 * @param isDisabled whether the LMS's administrators have disabled that user
 */
public record LmsToken(Instant expires, LmsUser user, boolean isDisabled) {
    public LmsToken {
        requireNonNull(expires, "expires");
        requireNonNull(user, "user");
    }
}
