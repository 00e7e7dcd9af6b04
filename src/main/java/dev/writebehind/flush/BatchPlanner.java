package dev.writebehind.flush;

import dev.writebehind.completion.CoalescedWrite;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Sorts everything a cycle drained by the unique key and cuts it into batches, then into one range of batches for each
 * lane. Stateless. Every transaction, of every lane and instance, so visits rows in one order and can't deadlock with
 * another; lanes never share a row.
 */
final class BatchPlanner {
    private static final Comparator<CoalescedWrite> BY_KEY = Comparator.comparing(CoalescedWrite::key);

    private BatchPlanner() {}

    /** Returns each lane's batches in order; lanes without any are left out. */
    static List<List<List<CoalescedWrite>>> plan(List<CoalescedWrite> drained, int batchSize, int lanes) {
        List<CoalescedWrite> sorted = new ArrayList<>(drained);
        sorted.sort(BY_KEY);
        List<List<CoalescedWrite>> batches = cut(sorted, batchSize);
        int perLane = (batches.size() + lanes - 1) / lanes;
        return cut(batches, Math.max(1, perLane));
    }

    private static <T> List<List<T>> cut(List<T> items, int size) {
        List<List<T>> pieces = new ArrayList<>((items.size() + size - 1) / size);
        for (int from = 0; from < items.size(); from += size) {
            pieces.add(items.subList(from, Math.min(items.size(), from + size)));
        }
        return pieces;
    }
}
