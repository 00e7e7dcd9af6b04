package dev.writebehind.condition;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * Something that changed; immutable.
 *
 * @param text what: a sentence without its full stop, and without anything that callers sent
 */
public record Event(Instant at, Kind kind, String text) {
    public Event {
        requireNonNull(at, "at");
        requireNonNull(kind, "kind");
        requireNonNull(text, "text");
    }

    /** The kinds of events, by what had them happen. */
    public enum Kind {
        /** The service went on to another phase of its life. */
        PHASE("phase"),
        /** A condition began, or ended. */
        CONDITION("condition"),
        /** This instance, or another, began or ended to be the one that flushes. */
        ROLE("role"),
        /** Settings were reloaded, or refused. */
        SETTINGS("settings"),
        /** Somebody asked for it over the management port. */
        OPERATOR("operator");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** Returns its name in answers: lower case. */
        public String label() {
            return label;
        }
    }
}
