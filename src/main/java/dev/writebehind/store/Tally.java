package dev.writebehind.store;

import dev.writebehind.store.Difference.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The counts of a comparison under way. Confined to its thread. */
final class Tally {
    private final int limit;
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final List<Difference> differences = new ArrayList<>();
    private long here;
    private long there;
    private long same;
    private long settled;
    private long speltOtherwise;
    private long otherTimes;
    private long mostApart;

    /** @param limit how many differences are kept, and not only counted */
    Tally(int limit) {
        this.limit = limit;
    }

    void rows(int ofHere, int ofThere) {
        here += ofHere;
        there += ofThere;
    }

    void same(ComparedRow ofHere, ComparedRow ofThere) {
        same++;
        if (!ofHere.key().equals(ofThere.key())) {
            speltOtherwise++;
        }
        if (!ofHere.hasTimesOf(ofThere)) {
            otherTimes++;
            mostApart = Math.max(mostApart, Math.abs(ofHere.modifiedAt() - ofThere.modifiedAt()));
        }
    }

    /** What differed does not any more; it is counted as same besides, unless it is gone. */
    void settled() {
        settled++;
    }

    void differs(Difference difference) {
        counts.merge(difference.kind(), 1L, Long::sum);
        if (differences.size() < limit) {
            differences.add(difference);
        }
    }

    String text(int open) {
        long different = counts.values().stream().mapToLong(Long::longValue).sum();
        return String.format(Locale.ROOT, "%,d rows compared, %,d differ", here + there, different)
                + (open == 0 ? "" : String.format(Locale.ROOT, ", %,d to be looked at again", open));
    }

    Compared compared() {
        return new Compared(here, there, same, settled, speltOtherwise, otherTimes, mostApart, counts, differences);
    }
}
