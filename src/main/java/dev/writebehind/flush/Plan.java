package dev.writebehind.flush;

import dev.writebehind.buffer.Drained;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a cycle is to commit: writes sorted by the unique key and cut into batches, then into one range of batches for
 * each lane, with resets spread over them, before the writes. Immutable. Every transaction, of every lane and instance, so visits
 * rows in one order and can't deadlock with another; lanes never share a row.
 *
 * @param lanes each lane's batches in order, each all of one kind; lanes without any are left out
 * @param oldestReset receipt of the oldest reset, behind which writes still wait; {@link Long#MAX_VALUE}: there is none
 */
record Plan(List<List<List<Change>>> lanes, long oldestReset) {
    static final Plan EMPTY = new Plan(List.of(), Long.MAX_VALUE);

    /** A reset deletes a whole course's rows, so fewer of them than of writes make a transaction of the same size. */
    private static final int RESETS_PER_BATCH = 20;

    private static final Comparator<CoalescedWrite> BY_KEY = Comparator.comparing(CoalescedWrite::key);

    static Plan of(Drained drained, int batchSize, int lanes) {
        List<Change> sorted = new ArrayList<>(drained.writes());
        sorted.sort((a, b) -> BY_KEY.compare((CoalescedWrite) a, (CoalescedWrite) b));
        List<List<Change>> batches = cut(sorted, batchSize);
        int perLane = (batches.size() + lanes - 1) / lanes;
        List<List<List<Change>>> perLanes = cut(batches, Math.max(1, perLane));
        if (drained.resets().isEmpty()) {
            return new Plan(perLanes, Long.MAX_VALUE);
        }
        List<List<List<Change>>> all = new ArrayList<>();
        List<List<Change>> resets = cut(new ArrayList<>(drained.resets()), RESETS_PER_BATCH);
        for (int lane = 0; lane < lanes; lane++) {
            List<List<Change>> own = new ArrayList<>();
            for (int i = lane; i < resets.size(); i += lanes) {
                own.add(resets.get(i));
            }
            if (lane < perLanes.size()) {
                own.addAll(perLanes.get(lane));
            }
            if (!own.isEmpty()) {
                all.add(own);
            }
        }
        long oldest = drained.resets().stream()
                .mapToLong(CourseReset::receivedAt)
                .min()
                .orElseThrow();
        return new Plan(all, oldest);
    }

    /** Whether writes may wait behind a reset of this plan. */
    boolean hasResets() {
        return oldestReset != Long.MAX_VALUE;
    }

    private static <T> List<List<T>> cut(List<T> items, int size) {
        List<List<T>> pieces = new ArrayList<>((items.size() + size - 1) / size);
        for (int from = 0; from < items.size(); from += size) {
            pieces.add(items.subList(from, Math.min(items.size(), from + size)));
        }
        return pieces;
    }
}
