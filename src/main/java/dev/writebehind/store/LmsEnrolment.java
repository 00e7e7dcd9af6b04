package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

/** A learner and a course that the learner may be enrolled in; immutable. */
public record LmsEnrolment(int userId, String courseKey) {
    public LmsEnrolment {
        requireNonNull(courseKey, "courseKey");
    }
}
