package dev.writebehind.flush;

import dev.writebehind.buffer.Drained;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.store.KnownSpellings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a drain, brought in line with what the table makes of their keys; immutable. Twins are writes or
 * resets of one learner whose keys differ in spelling and are one to the table; of twin courses, which the buffer can't
 * know, the changes are ordered here.
 *
 * @param resets to be carried out
 * @param writes one for each row
 * @param present those of the writes, by identity, whose rows were in the table a moment ago, as far as is known
 * @param twins those of the writes that stand for several, and what they stand for
 * @param refused what the table can't hold
 * @param undone writes that a twin course's reset undoes
 * @param deferred changes that wait for a later cycle, until a twin course's reset has been carried out or a parked
 *     twin is out of the way
 */
record Reconciled(
        List<CourseReset> resets,
        List<CoalescedWrite> writes,
        Set<CoalescedWrite> present,
        List<Twins> twins,
        List<Refused> refused,
        List<Undone> undone,
        List<Deferred> deferred) {

    /** One row's write, and the writes of several spellings that it stands for. */
    record Twins(CoalescedWrite row, List<CoalescedWrite> spellings) {}

    /** A change that the table can't hold, and the reason. */
    record Refused(Change change, String reason) {}

    /** A write, and the reset that undoes it. */
    record Undone(CoalescedWrite write, CourseReset by) {}

    /** A change that waits; and the reset behind which it waits, received before some of it: null, there is none. */
    record Deferred(Change change, @Nullable CourseReset behind) {}

    private record Row(TwinCourses.Course course, String block) {}

    /**
     * Brings it in line.
     *
     * @param besides what is not in the table either, of the same learners, and was not drained
     * @param spellings of all these changes
     */
    static Reconciled of(Drained drained, List<? extends Change> besides, KnownSpellings spellings) {
        if (spellings.isPlain()) {
            return new Reconciled(
                    drained.resets(), drained.writes(), drained.present(), List.of(), List.of(), List.of(), List.of());
        }
        List<Refused> refused = new ArrayList<>();
        List<CourseReset> resets = storable(drained.resets(), spellings, refused);
        TwinCourses courses = TwinCourses.of(resets, besides, spellings);
        Set<Row> parked = new HashSet<>();
        for (Change change : besides) {
            if (change instanceof CoalescedWrite write) {
                parked.add(row(write, courses, spellings));
            }
        }
        List<Deferred> deferred = new ArrayList<>();
        List<Undone> undone = new ArrayList<>();
        List<CoalescedWrite> unhindered = new ArrayList<>();
        for (CoalescedWrite write : drained.writes()) {
            CourseReset reset = spellings.holds(write.key().course()) ? courses.firstReset(write) : null;
            if (reset == null) {
                unhindered.add(write);
            } else if (reset.receivedAt() < write.receivedAt()) {
                deferred.add(new Deferred(write, reset));
            } else if (courses.isDue(reset)) {
                undone.add(new Undone(write, reset));
            } else {
                deferred.add(new Deferred(write, null));
            }
        }
        Map<Row, List<CoalescedWrite>> rows = new HashMap<>();
        for (CoalescedWrite write : storable(unhindered, spellings, refused)) {
            Row row = row(write, courses, spellings);
            if (parked.contains(row)) {
                deferred.add(new Deferred(write, null));
            } else {
                rows.computeIfAbsent(row, each -> new ArrayList<>(1)).add(write);
            }
        }
        List<CourseReset> due = new ArrayList<>(resets.size());
        for (CourseReset reset : resets) {
            if (courses.isDue(reset)) {
                due.add(reset);
            } else {
                deferred.add(new Deferred(reset, null));
            }
        }
        List<CoalescedWrite> writes = new ArrayList<>(rows.size());
        List<Twins> twins = new ArrayList<>();
        for (List<CoalescedWrite> ofOneRow : rows.values()) {
            if (ofOneRow.size() == 1) {
                writes.add(ofOneRow.get(0));
            } else {
                ofOneRow.sort(Comparator.comparingLong(CoalescedWrite::receivedAt));
                CoalescedWrite row =
                        ofOneRow.stream().reduce(CoalescedWrite::withTwin).orElseThrow();
                twins.add(new Twins(row, List.copyOf(ofOneRow)));
                writes.add(row);
            }
        }
        return new Reconciled(due, writes, drained.present(), twins, refused, undone, deferred);
    }

    private static Row row(CoalescedWrite write, TwinCourses courses, KnownSpellings spellings) {
        return new Row(courses.of(write), spellings.canonical(write.key().block()));
    }

    /** A reset of a course that the table can't hold has nothing to delete there, and must not meet another's rows. */
    private static <C extends Change> List<C> storable(
            List<C> changes, KnownSpellings spellings, List<Refused> refused) {
        List<C> storable = new ArrayList<>(changes.size());
        for (C change : changes) {
            Optional<String> refusal = spellings.refusal(change);
            if (refusal.isEmpty()) {
                storable.add(change);
            } else {
                refused.add(new Refused(change, refusal.get()));
            }
        }
        return storable;
    }
}
