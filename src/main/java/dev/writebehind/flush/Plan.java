package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a cycle is to commit: writes sorted by the unique key and cut into batches, then into one range of batches for
 * each lane, with resets spread over them, before the writes; last what somebody had locked a moment ago. Immutable.
 * Every transaction, of every lane and instance, so visits rows in one order and can't deadlock with another; lanes
 * never share a row.
 *
 * @param lanes each lane's batches in order; lanes without any are left out
 * @param oldestReset receipt of the oldest reset, behind which writes still wait; {@link Long#MAX_VALUE}: there is none
 */
record Plan(List<List<Batch>> lanes, long oldestReset) {
    static final Plan EMPTY = new Plan(List.of(), Long.MAX_VALUE);

    /** A reset deletes a whole course's rows, so fewer of them than of writes make a transaction of the same size. */
    private static final int RESETS_PER_BATCH = 20;

    private static final Comparator<CoalescedWrite> BY_KEY = Comparator.comparing(CoalescedWrite::key);

    /** @param locked whether somebody had the change's rows locked a moment ago */
    static Plan of(
            List<CourseReset> resets, List<CoalescedWrite> writes, Predicate<Change> locked, int batchSize, int lanes) {
        List<CoalescedWrite> sorted = new ArrayList<>(writes);
        sorted.sort(BY_KEY);
        List<Batch> free = batches(sorted.stream().filter(locked.negate()).toList(), batchSize, Batch.Locks.UNKNOWN);
        List<List<Batch>> ranges = cut(free, Math.max(1, (free.size() + lanes - 1) / lanes));
        List<List<Batch>> spread = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            spread.add(new ArrayList<>());
        }
        deal(batches(resets.stream().filter(locked.negate()).toList(), RESETS_PER_BATCH, Batch.Locks.UNKNOWN), spread);
        for (int lane = 0; lane < ranges.size(); lane++) {
            spread.get(lane).addAll(ranges.get(lane));
        }
        deal(batches(resets.stream().filter(locked).toList(), RESETS_PER_BATCH, Batch.Locks.EXPECTED), spread);
        deal(batches(sorted.stream().filter(locked).toList(), batchSize, Batch.Locks.EXPECTED), spread);
        spread.removeIf(List::isEmpty);
        long oldest = resets.stream().mapToLong(CourseReset::receivedAt).min().orElse(Long.MAX_VALUE);
        return new Plan(spread, oldest);
    }

    /** Whether writes may wait behind a reset of this plan. */
    boolean hasResets() {
        return oldestReset != Long.MAX_VALUE;
    }

    private static void deal(List<Batch> batches, List<List<Batch>> lanes) {
        for (int i = 0; i < batches.size(); i++) {
            lanes.get(i % lanes.size()).add(batches.get(i));
        }
    }

    private static List<Batch> batches(List<? extends Change> changes, int size, Batch.Locks locks) {
        return cut(changes, size).stream()
                .map(batch -> new Batch(List.copyOf(batch), locks))
                .toList();
    }

    private static <T> List<List<T>> cut(List<T> items, int size) {
        List<List<T>> pieces = new ArrayList<>((items.size() + size - 1) / size);
        for (int from = 0; from < items.size(); from += size) {
            pieces.add(items.subList(from, Math.min(items.size(), from + size)));
        }
        return pieces;
    }
}
