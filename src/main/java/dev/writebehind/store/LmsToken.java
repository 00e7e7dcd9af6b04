package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/** An opaque token that the LMS gave to a user; immutable. Its text form never shows it. */
public record LmsToken(String token, Instant expires, LmsUser user) {
    public LmsToken {
        requireNonNull(token, "token");
        requireNonNull(expires, "expires");
        requireNonNull(user, "user");
    }

    @Override
    public String toString() {
        return "LmsToken[***, expires=" + expires + ", user=" + user + "]";
    }
}
