package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

/**
 * A course reset, by which a learner begins the course anew: all their rows in it that were written before are to go;
 * immutable.
 *
 * @param receivedAt microseconds since the epoch, UTC; whatever was received earlier is undone, whatever later stands.
 *     Of a reset that comes late, when it would have been received in time
 */
public record CourseReset(LearnerCourse learnerCourse, long receivedAt) implements Change {
    /** As the moment before which a reset undoes things: that of its receipt, by which everything is undone. */
    public static final long RECEIPT = Long.MAX_VALUE;

    public CourseReset {
        requireNonNull(learnerCourse, "learnerCourse");
    }

    /** Returns the beginning of time: a reset stands for everything before it. */
    @Override
    public long firstReceivedAt() {
        return Long.MIN_VALUE;
    }

    /** Whether the change is undone by this reset: received before it, for the same learner and course. */
    public boolean undoes(Change change) {
        return change.receivedAt() < receivedAt && change.learnerCourse().equals(learnerCourse);
    }
}
