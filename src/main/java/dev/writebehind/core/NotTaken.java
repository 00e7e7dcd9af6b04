package dev.writebehind.core;

import static java.util.Objects.requireNonNull;

/**
 * The one kind of no to changes; immutable.
 *
 * @param detail a sentence for the caller: what is the matter and, where it can do something, what
 */
public record NotTaken(Reason reason, String detail) implements Outcome {
    public NotTaken {
        requireNonNull(reason, "reason");
        requireNonNull(detail, "detail");
    }

    /** The reason for a no, which tells what became of the changes. Its label never changes: callers decide by it. */
    public enum Reason {
        /** None was taken: the buffer has no room for new keys. */
        BUFFER_FULL("buffer-full"),
        /** None was taken: the journal's queue has no room. */
        JOURNAL_BEHIND("journal-behind"),
        /** None was taken: the journal makes nothing durable at present. */
        JOURNAL_UNAVAILABLE("journal-unavailable"),
        /** They may be taken or not, as after a lost answer: whoever sends them again is on the safe side. */
        NOT_ACKNOWLEDGED("not-acknowledged"),
        /** All were taken and are durable, but are not in the table yet. */
        NOT_YET_FLUSHED("not-yet-flushed"),
        /** One is a dead letter now, since the database refuses it for what it holds; the others were taken. */
        REFUSED_BY_DATABASE("refused-by-database");

        private final String label;

        Reason(String label) {
            this.label = label;
        }

        /** Returns its name in the API: lower case, with hyphens. */
        public String label() {
            return label;
        }
    }
}
