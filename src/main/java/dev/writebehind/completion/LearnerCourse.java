package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

/** A learner in a course: what is kept together, because reads and resets ask for it; immutable. */
public record LearnerCourse(int userId, CourseKey course) {
    public LearnerCourse {
        if (userId < 1) {
            throw new IllegalArgumentException("userId must be positive, was " + userId);
        }
        requireNonNull(course, "course");
    }

    /** Returns whose key that is, and in which course. */
    public static LearnerCourse of(CompletionKey key) {
        return new LearnerCourse(key.userId(), key.course());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LearnerCourse key && userId == key.userId && course.equals(key.course);
    }

    @Override
    public int hashCode() {
        return 31 * userId + course.hashCode();
    }

    /** Whether the key is one of this learner in this course. */
    public boolean holds(CompletionKey key) {
        return userId == key.userId() && course.equals(key.course());
    }
}
