package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

/**
 * What identifies a row: the learner, the course and the block; immutable.
 *
 * <p>The natural order is that of the table's unique key (course, block, user), letter case aside: every flush of
 * every instance visits rows in this order.
 *
 * @param userId the learner, 1 to 2^31-1
 */
public record CompletionKey(int userId, CourseKey course, BlockKey block) implements Comparable<CompletionKey> {
    private static final int BYTES_PER_KEY = 320;

    public CompletionKey {
        if (userId < 1) {
            throw new IllegalArgumentException("userId must be positive, was " + userId);
        }
        requireNonNull(course, "course");
        requireNonNull(block, "block");
    }

    /**
     * An upper estimate of the heap that one pending write of this key takes, in bytes, its strings included although
     * they are usually shared.
     */
    public long estimatedBytes() {
        return BYTES_PER_KEY + 2L * (course.value().length() + block.value().length());
    }

    @Override
    public int compareTo(CompletionKey other) {
        int byCourse = course.folded().compareTo(other.course.folded());
        if (byCourse != 0) {
            return byCourse;
        }
        int byBlock = block.folded().compareTo(other.block.folded());
        return byBlock != 0 ? byBlock : Integer.compare(userId, other.userId);
    }
}
