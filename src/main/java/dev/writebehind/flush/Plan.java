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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The commit plan of a cycle: writes sorted by the unique key and cut into batches, those of rows that are expected to
 * be there apart, then into one range of batches for each lane, with resets spread over them, before the writes; last
 * what somebody had locked a moment ago. Immutable.
 * Every transaction of writes, of every lane and instance, so visits rows in one order, and every one of resets does;
 * it can't deadlock with another of its kind. Lanes never share a row; nor, where there is an outbox, a learner.
 *
 * @param lanes each lane's tasks in order; lanes without any are left out
 * @param oldestReset receipt of the oldest reset, behind which writes still wait; {@link Long#MAX_VALUE}: there is none
 */
record Plan(List<List<Task>> lanes, long oldestReset) {
    static final Plan EMPTY = new Plan(List.of(), Long.MAX_VALUE);

    /** A reset deletes a whole course's rows, so fewer of them than of writes make a transaction of the same size. */
    private static final int RESETS_PER_BATCH = 20;

    /** The ways to spread writes over lanes. */
    enum Spread {
        /** By their keys: what is close together in the table's index is written together. */
        RANGES,
        /**
         * By learner, so that of two rows of one the first to be committed is the first in the outbox. No more lanes
         * than there are batches: each would make small batches smaller.
         */
        LEARNERS
    }

    /** So few rows cost less in one transaction, whatever is known of them, than in one for either kind. */
    private static final int FEW = 16;

    /** 2³² over the golden ratio: spreads whole numbers evenly, whatever they have in common. */
    private static final int GOLDEN = 0x9E3779B9;

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
            int lanes,
            Spread spread) {
        List<CoalescedWrite> sorted = new ArrayList<>(writes);
        sorted.sort(BY_KEY);
        Map<Boolean, List<CoalescedWrite>> parted = sorted.stream().collect(Collectors.partitioningBy(locked));
        List<List<Task>> tasks = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            tasks.add(new ArrayList<>());
        }
        deal(resets(resets.stream().filter(locked.negate()).toList(), Task.Locks.UNKNOWN), tasks);
        int used = Math.max(1, Math.min(lanes, (writes.size() + batchSize - 1) / batchSize));
        List<CoalescedWrite> free = parted.getOrDefault(false, List.of());
        if (spread == Spread.RANGES) {
            List<Task> all = upserts(free, present, batchSize);
            addAll(cut(all, Math.max(1, (all.size() + lanes - 1) / lanes)), tasks);
        } else {
            addAll(ofLearners(free, used, some -> upserts(some, present, batchSize)), tasks);
        }
        deal(resets(resets.stream().filter(locked).toList(), Task.Locks.EXPECTED), tasks);
        List<CoalescedWrite> held = parted.getOrDefault(true, List.of());
        if (spread == Spread.RANGES) {
            deal(upserts(held, false, batchSize, Task.Locks.EXPECTED), tasks);
        } else {
            addAll(ofLearners(held, used, some -> upserts(some, false, batchSize, Task.Locks.EXPECTED)), tasks);
        }
        tasks.removeIf(List::isEmpty);
        long oldest = resets.stream().mapToLong(CourseReset::receivedAt).min().orElse(Long.MAX_VALUE);
        return new Plan(tasks, oldest);
    }

    /** Returns the tasks of each lane. */
    private static List<List<Task>> ofLearners(
            List<CoalescedWrite> writes, int lanes, Function<List<CoalescedWrite>, List<Task>> cutting) {
        List<List<CoalescedWrite>> parts = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            parts.add(new ArrayList<>());
        }
        writes.forEach(write -> parts.get(lane(write.key().userId(), lanes)).add(write));
        return parts.stream().map(cutting).toList();
    }

    /** Mixed, for a site with several instances may have given this one every other learner. */
    private static int lane(int userId, int lanes) {
        return Math.floorMod((userId * GOLDEN) >>> Short.SIZE, lanes);
    }

    private static void addAll(List<List<Task>> tasks, List<List<Task>> lanes) {
        for (int lane = 0; lane < tasks.size(); lane++) {
            lanes.get(lane).addAll(tasks.get(lane));
        }
    }

    private static List<Task> upserts(List<CoalescedWrite> writes, Predicate<CoalescedWrite> present, int size) {
        if (writes.size() <= Math.min(size, FEW)) {
            return upserts(writes, writes.stream().allMatch(present), size, Task.Locks.UNKNOWN);
        }
        List<Task> tasks = new ArrayList<>();
        writes.stream()
                .collect(Collectors.partitioningBy(present))
                .forEach((there, some) -> tasks.addAll(upserts(some, there, size, Task.Locks.UNKNOWN)));
        return tasks;
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
