package dev.writebehind.buffer;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseKey;

/** A learner in a course: what the buffer keeps together, because reads and resets ask for it; immutable. */
record LearnerCourse(int userId, CourseKey course) {
    static LearnerCourse of(CompletionKey key) {
        return new LearnerCourse(key.userId(), key.course());
    }

    boolean holds(CompletionKey key) {
        return userId == key.userId() && course.equals(key.course());
    }
}
