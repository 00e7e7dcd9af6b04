package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

/**
 * The key of a row: the learner, the course and the block; immutable.
 *
 * <p>The natural order is that of the table's unique key (course, block, user), letter case aside: every flush of
 * every instance visits rows in this order.
 *
 * @param userId the learner, 1 to 2^31-1
 */
public record CompletionKey(int userId, CourseKey course, BlockKey block) implements Comparable<CompletionKey> {
    public CompletionKey {
        if (userId < 1) {
            throw new IllegalArgumentException("userId must be positive, was " + userId);
        }
        requireNonNull(course, "course");
        requireNonNull(block, "block");
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // keys of one spelling are mostly one object
    public int compareTo(CompletionKey other) {
        int byCourse = course == other.course ? 0 : course.folded().compareTo(other.course.folded());
        if (byCourse != 0) {
            return byCourse;
        }
        int byBlock = block == other.block ? 0 : block.folded().compareTo(other.block.folded());
        return byBlock != 0 ? byBlock : Integer.compare(userId, other.userId);
    }
}
