package dev.writebehind.auth;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The principal that a request is from; immutable.
 *
 * @param username the LMS's user name, in exact letter case; null unless the kind is {@link Kind#USER}
 * @param userId the LMS's number of that user, where the credentials tell it
 */
public record Caller(
        Kind kind, @Nullable String username, @Nullable Integer userId, Staff staff) implements Authentication {
    /** Whoever reaches the port. */
    static final Caller ANYONE = new Caller(Kind.ANYONE, null, null, Staff.UNKNOWN);
    /** A server of the site. */
    static final Caller SERVER = new Caller(Kind.SERVER, null, null, Staff.UNKNOWN);

    public Caller {
        requireNonNull(kind, "kind");
        requireNonNull(staff, "staff");
        if ((kind == Kind.USER) != (username != null)) {
            throw new IllegalArgumentException("users have a name, and only they");
        }
    }

    /** Returns a user of the LMS. */
    public static Caller user(String username, @Nullable Integer userId, Staff staff) {
        return new Caller(Kind.USER, username, userId, staff);
    }

    /** Whether it may write and read for every user, as far as its credentials tell. */
    public boolean actsForAnyone() {
        return kind != Kind.USER || staff == Staff.YES;
    }

    /** Returns the user name of one who acts for nobody else; null: it acts for anyone. */
    public @Nullable String learner() {
        return actsForAnyone() ? null : username;
    }

    /** The kinds of callers. */
    public enum Kind {
        /** Nobody was asked. */
        ANYONE,
        /** A server that showed a token of the settings. */
        SERVER,
        /** A user of the LMS. */
        USER
    }

    /** A user's membership of the LMS's staff. */
    public enum Staff {
        /** The credentials say so. */
        YES,
        /** The credentials deny it. */
        NO,
        /** The credentials do not tell. */
        UNKNOWN
    }
}
