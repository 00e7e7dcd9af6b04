package dev.writebehind.journal;

import static java.util.Objects.requireNonNull;

import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.LearnerCourse;
import java.util.List;

/**
 * A record at its place in a {@link ReplicatedLog}; immutable.
 *
 * @param firstStamp receipt time of its first change, microseconds since the epoch, UTC; the others follow a
 *     microsecond apart, and the next record's are later. Every instance reads the same
 * @param isOwn whether this instance appended it
 * @param request the number that the instance gave a request's changes; 0 for what it tells
 */
public record LogRecord(long firstStamp, boolean isOwn, long request, Content content) {
    public LogRecord {
        requireNonNull(content, "content");
    }

    /** The changes of one request, or what an instance tells the others. */
    public sealed interface Content permits Writes, Reset, Told {
        /** Returns how many receipt times it takes up. */
        int changes();
    }

    /** Writes, in the order in which they were sent; immutable. */
    public record Writes(List<CompletionWrite> writes) implements Content {
        public Writes {
            writes = List.copyOf(writes);
            if (writes.isEmpty()) {
                throw new IllegalArgumentException("a record holds at least one write");
            }
        }

        @Override
        public int changes() {
            return writes.size();
        }
    }

    /**
     * A reset of a learner's course; immutable.
     *
     * @param before what was received before that moment is undone, and before the reset's own stamp
     */
    public record Reset(LearnerCourse learnerCourse, long before) implements Content {
        public Reset {
            requireNonNull(learnerCourse, "learnerCourse");
        }

        @Override
        public int changes() {
            return 1;
        }
    }
}
