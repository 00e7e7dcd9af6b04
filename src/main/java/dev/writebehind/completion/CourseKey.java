package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

/**
 * The key of a course or library; immutable. Two spellings that differ only in the case of A to Z are equal, as they
 * are in every table that is taken; which others the table holds equal, its collation alone knows.
 *
 * @param value 1 to 255 characters, spelled as received
 * @param folded the value with A to Z in lower case, by which keys compare
 * @param isAscii whether it has no other characters: such keys are equal to the table as they are here
 * @param form which of Open edX's spellings the value follows
 */
public record CourseKey(String value, String folded, boolean isAscii, Form form) {
    public CourseKey {
        requireNonNull(value, "value");
        requireNonNull(folded, "folded");
        requireNonNull(form, "form");
    }

    /** The spellings of Open edX's learning context keys. */
    public enum Form {
        /** {@code course-v1:Org+Course+Run}. */
        COURSE,
        /** {@code Org/Course/Run}, the deprecated slash-separated form. */
        SLASHED_COURSE,
        /** {@code library-v1:Org+Library}. */
        LEGACY_LIBRARY,
        /** {@code lib:Org:slug}. */
        LIBRARY,
        /** {@code ccx-v1:Org+Course+Run+ccx@number}, a coach's custom course. */
        CCX_COURSE,
        /** Anything else: stored as it is. */
        OPAQUE;

        /** Returns how a text is spelled, whether or not it can be stored. */
        public static Form of(String value) {
            return KeyForms.course(value).form();
        }
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof CourseKey key && folded.equals(key.folded));
    }

    @Override
    public int hashCode() {
        return folded.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
