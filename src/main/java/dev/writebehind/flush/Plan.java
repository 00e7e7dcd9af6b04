package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.ChangeBatch.Upserts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The commit plan of a cycle: writes sorted by the unique key and cut into batches, those of rows that are expected to
 * be there apart, then into one range of batches for each lane, with resets spread over them, before the writes; last
 * what somebody had locked a moment ago. Immutable.
 * Every transaction of writes, of every lane and instance, so visits rows in one order, and every one of resets does;
 * it can't deadlock with another of its kind. Lanes never share a row.
 *
 * @param lanes each lane's tasks in order; lanes without any are left out
 * @param oldestReset receipt of the oldest reset, behind which writes still wait; {@link Long#MAX_VALUE}: there is none
 */
record Plan(List<List<Task>> lanes, long oldestReset) {
    static final Plan EMPTY = new Plan(List.of(), Long.MAX_VALUE);

    /** A reset deletes a whole course's rows, so fewer of them than of writes make a transaction of the same size. */
    private static final int RESETS_PER_BATCH = 20;

    private static final Comparator<CoalescedWrite> BY_KEY = Comparator.comparing(CoalescedWrite::key);
    private static final Comparator<CourseReset> BY_LEARNER_AND_COURSE = Comparator.comparingInt(
                    (CourseReset reset) -> reset.learnerCourse().userId())
            .thenComparing(reset -> reset.learnerCourse().course().folded());

    /**
     * @param present whether the write's row is expected to be in the table: one statement does for a batch of such
     *     writes, another for one of others
     * @param locked whether somebody had the change's rows locked a moment ago
     */
    static Plan of(
            List<CourseReset> resets,
            List<CoalescedWrite> writes,
            Predicate<CoalescedWrite> present,
            Predicate<Change> locked,
            int batchSize,
            int lanes) {
        List<CoalescedWrite> sorted = new ArrayList<>(writes);
        sorted.sort(BY_KEY);
        Map<Boolean, List<CoalescedWrite>> free =
                sorted.stream().filter(locked.negate()).collect(Collectors.partitioningBy(present));
        List<Task> tasks = new ArrayList<>();
        free.forEach((there, some) -> tasks.addAll(upserts(some, there, batchSize, Task.Locks.UNKNOWN)));
        List<List<Task>> ranges = cut(tasks, Math.max(1, (tasks.size() + lanes - 1) / lanes));
        List<List<Task>> spread = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            spread.add(new ArrayList<>());
        }
        deal(resets(resets.stream().filter(locked.negate()).toList(), Task.Locks.UNKNOWN), spread);
        for (int lane = 0; lane < ranges.size(); lane++) {
            spread.get(lane).addAll(ranges.get(lane));
        }
        deal(resets(resets.stream().filter(locked).toList(), Task.Locks.EXPECTED), spread);
        deal(upserts(sorted.stream().filter(locked).toList(), false, batchSize, Task.Locks.EXPECTED), spread);
        spread.removeIf(List::isEmpty);
        long oldest = resets.stream().mapToLong(CourseReset::receivedAt).min().orElse(Long.MAX_VALUE);
        return new Plan(spread, oldest);
    }

    /** Whether writes may wait behind a reset of this plan. */
    boolean hasResets() {
        return oldestReset != Long.MAX_VALUE;
    }

    private static void deal(List<Task> tasks, List<List<Task>> lanes) {
        for (int i = 0; i < tasks.size(); i++) {
            lanes.get(i % lanes.size()).add(tasks.get(i));
        }
    }

    private static List<Task> upserts(List<CoalescedWrite> writes, boolean present, int size, Task.Locks locks) {
        return cut(writes, size).stream()
                .map(batch -> new Task(new Upserts(batch, present), locks))
                .toList();
    }

    private static List<Task> resets(List<CourseReset> resets, Task.Locks locks) {
        return cut(resets.stream().sorted(BY_LEARNER_AND_COURSE).toList(), RESETS_PER_BATCH).stream()
                .map(batch -> new Task(new Resets(batch), locks))
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
