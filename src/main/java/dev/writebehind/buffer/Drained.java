package dev.writebehind.buffer;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import java.util.List;

/**
 * The changes that a drain put into flight, in no particular order; no learner and course has both kinds. Immutable.
 *
 * @param standing resets that it did not put into flight, but that are still to be carried out: they are in flight
 *     since an earlier drain, or wait for what is
 */
public record Drained(List<CourseReset> resets, List<CoalescedWrite> writes, List<CourseReset> standing) {
    public Drained {
        resets = List.copyOf(resets);
        writes = List.copyOf(writes);
        standing = List.copyOf(standing);
    }

    /** Returns how many changes were put into flight. */
    public int size() {
        return resets.size() + writes.size();
    }
}
