package dev.writebehind.buffer;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import java.util.List;

/** What a drain put into flight, in no particular order; no learner and course has both kinds. Immutable. */
public record Drained(List<CourseReset> resets, List<CoalescedWrite> writes) {
    public Drained {
        resets = List.copyOf(resets);
        writes = List.copyOf(writes);
    }
}
