package dev.writebehind.buffer;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The changes that a drain put into flight, in no particular order; no learner and course has both kinds. Immutable.
 *
 * @param present those of the writes, by identity, whose rows were in the table a moment ago, as far as is known:
 *     others may have deleted them since
 * @param standing resets that it did not put into flight, but that are still to be carried out: they are in flight
 *     since an earlier drain, or wait for what is
 */
public record Drained(
        List<CourseReset> resets,
        List<CoalescedWrite> writes,
        Set<CoalescedWrite> present,
        List<CourseReset> standing) {
    public Drained {
        resets = List.copyOf(resets);
        writes = List.copyOf(writes);
        present = Collections.unmodifiableSet(present);
        standing = List.copyOf(standing);
    }

    /** Returns a set of writes by identity, as {@link #present} is one: equal writes of twin keys are not the same. */
    static Set<CoalescedWrite> identities() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    /** Returns how many changes were put into flight. */
    public int size() {
        return resets.size() + writes.size();
    }
}
