package dev.writebehind.journal.kafka;

import static java.util.Objects.requireNonNull;

/**
 * One line of the check of a topic; immutable.
 *
 * @param text what was found and, where it is not as it should be, what to do
 */
public record Finding(Kind kind, String text) {
    /** The meaning of a finding for serving. */
    public enum Kind {
        /** As it should be. */
        OK,
        /** Serving works, but somebody should know. */
        NOTE,
        /** It can't be told at present. */
        UNKNOWN,
        /** Writes could be lost or come in a wrong order, or none be taken: serving does not start. */
        UNFIT
    }

    public Finding {
        requireNonNull(kind, "kind");
        requireNonNull(text, "text");
    }

    static Finding ok(String text) {
        return new Finding(Kind.OK, text);
    }

    static Finding note(String text) {
        return new Finding(Kind.NOTE, text);
    }

    static Finding unknown(String text) {
        return new Finding(Kind.UNKNOWN, text);
    }

    static Finding unfit(String text) {
        return new Finding(Kind.UNFIT, text);
    }

    /** Whether the service can work with it. */
    public boolean fit() {
        return kind == Kind.OK || kind == Kind.NOTE;
    }
}
