package dev.writebehind.store;

import java.util.List;
import java.util.Map;

/**
 * What came of the comparison of two tables; immutable.
 *
 * @param here rows of the service's table
 * @param there rows of the other
 * @param same how many are in both and do not differ
 * @param settled how many of these differed when they were met, and did not when they were looked at again
 * @param speltOtherwise how many of these are spelt otherwise, which for the tables is no difference
 * @param otherTimes how many of these were created or modified at other times
 * @param mostApart by how much, in microseconds, they were modified at other times at most
 * @param counts how many differ, by what
 * @param differences the first of them
 */
public record Compared(
        long here,
        long there,
        long same,
        long settled,
        long speltOtherwise,
        long otherTimes,
        long mostApart,
        Map<Difference.Kind, Long> counts,
        List<Difference> differences) {
    public Compared {
        counts = Map.copyOf(counts);
        differences = List.copyOf(differences);
    }

    /** Returns how many differ by that. */
    public long count(Difference.Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    /** Returns how many differ. */
    public long different() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
