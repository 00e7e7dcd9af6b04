package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

/** A user of the LMS as its table has it; immutable. */
public record LmsUser(int id, String username, boolean isStaff) {
    public LmsUser {
        requireNonNull(username, "username");
    }
}
