package dev.writebehind.store;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Changes of one kind that go to the table in one transaction; immutable. */
public sealed interface ChangeBatch {
    /** Returns the changes in their order. */
    List<? extends Change> changes();

    /** Returns the changes at those places, from 0; and where {@code others}, those at all other places. */
    ChangeBatch at(Set<Integer> places, boolean others);

    /** Returns the changes from that place, from 0, up to but without the other. */
    ChangeBatch between(int from, int to);

    /** Returns how many changes it has. */
    default int size() {
        return changes().size();
    }

    /**
     * Writes sorted by key, each row once.
     *
     * @param present whether all the rows are expected to be in the table; where that is wrong, it costs time alone
     */
    record Upserts(List<CoalescedWrite> changes, boolean present) implements ChangeBatch {
        public Upserts {
            changes = List.copyOf(changes);
        }

        /** Creates a batch of whose rows nothing is known. */
        public Upserts(List<CoalescedWrite> changes) {
            this(changes, false);
        }

        /** Returns of how many the LMS has to be told. */
        News news() {
            long told = changes.stream().filter(CoalescedWrite::told).count();
            return told == 0 ? News.ALL : told < changes.size() ? News.SOME : News.NONE;
        }

        @Override
        public Upserts at(Set<Integer> places, boolean others) {
            return new Upserts(chosen(changes, places, others), present);
        }

        @Override
        public Upserts between(int from, int to) {
            return new Upserts(changes.subList(from, to), present);
        }
    }

    /** Course resets. */
    record Resets(List<CourseReset> changes) implements ChangeBatch {
        public Resets {
            changes = List.copyOf(changes);
        }

        @Override
        public Resets at(Set<Integer> places, boolean others) {
            return new Resets(chosen(changes, places, others));
        }

        @Override
        public Resets between(int from, int to) {
            return new Resets(changes.subList(from, to));
        }
    }

    /** Returns a batch of one change. */
    static ChangeBatch of(Change change) {
        return change instanceof CourseReset reset
                ? new Resets(List.of(reset))
                : new Upserts(List.of((CoalescedWrite) change));
    }

    private static <C> List<C> chosen(List<C> changes, Set<Integer> places, boolean others) {
        List<C> chosen = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            if (places.contains(i) != others) {
                chosen.add(changes.get(i));
            }
        }
        return chosen;
    }
}
