package dev.writebehind.auth;

import static java.util.Objects.requireNonNull;

/**
 * A failed authentication of a request, with its reason; immutable.
 *
 * @param detail a sentence for the caller that shows nothing of the credentials
 */
public record Refusal(Reason reason, String detail) implements Authentication {
    public Refusal {
        requireNonNull(reason, "reason");
        requireNonNull(detail, "detail");
    }

    static Refusal invalid(String detail) {
        return new Refusal(Reason.INVALID, detail);
    }

    /** The reasons for a refusal. */
    public enum Reason {
        /** The request carries no credentials of a kind that is taken. */
        MISSING,
        /** They were right once: the caller gets new ones. */
        EXPIRED,
        /** They are not, or not for this service. */
        INVALID,
        /** A genuine token whose holder is kept from what is not named in it. */
        RESTRICTED,
        /** Cookies alone do not show that the user wants this. */
        CSRF_FAILED,
        /** They can't be checked now: the caller comes again. */
        UNAVAILABLE
    }
}
