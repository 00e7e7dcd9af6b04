package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

/**
 * One line of the check of a database; immutable.
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
        /**
         * Nothing can be flushed until a setting of the server is changed; a start keeps what it accepts until then.
         */
        WAITS,
        /** Rows could become wrong, or none could be written: serving does not start. */
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

    static Finding waits(String text) {
        return new Finding(Kind.WAITS, text);
    }

    static Finding unfit(String text) {
        return new Finding(Kind.UNFIT, text);
    }

    static Finding of(boolean fit, String text) {
        return fit ? ok(text) : unfit(text);
    }

    /** Whether the service can work with it. */
    public boolean fit() {
        return kind == Kind.OK || kind == Kind.NOTE;
    }
}
