package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CourseReset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What goes to the table in one transaction: either resets, or writes sorted by key; immutable.
 *
 * @param locks what is known of locks that others hold on its rows
 */
record Batch(List<Change> changes, Locks locks) {
    /** What is known of locks on a batch's rows. */
    enum Locks {
        /** Nothing: it is tried, and waits for locks a moment. */
        UNKNOWN,
        /** One was there a moment ago: it is looked for before anything waits. */
        EXPECTED,
        /** It was looked for, and what is locked is left out. */
        LOOKED_FOR
    }

    Batch {
        changes = List.copyOf(changes);
    }

    int size() {
        return changes.size();
    }

    boolean isOfResets() {
        return changes.get(0) instanceof CourseReset;
    }

    /** Returns the changes at those places, from 0; and where {@code others}, those at all other places. */
    Batch at(Set<Integer> places, boolean others) {
        List<Change> chosen = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            if (places.contains(i) != others) {
                chosen.add(changes.get(i));
            }
        }
        return new Batch(chosen, locks);
    }

    Batch firstHalf() {
        return new Batch(changes.subList(0, size() / 2), locks);
    }

    Batch secondHalf() {
        return new Batch(changes.subList(size() / 2, size()), locks);
    }

    Batch with(Locks known) {
        return new Batch(changes, known);
    }
}
