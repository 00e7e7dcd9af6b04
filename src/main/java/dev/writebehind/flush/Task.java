package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.completion.Change;
import dev.writebehind.store.ChangeBatch;
import java.util.List;
import java.util.Set;

/**
 * One transaction that a lane is to commit; immutable.
 *
 * @param locks what is known of locks that others hold on the batch's rows
 */
record Task(ChangeBatch batch, Locks locks) {
    /** The knowledge of locks on a batch's rows. */
    enum Locks {
        /** Nothing: it is tried, and waits for locks a moment. */
        UNKNOWN,
        /** One was there a moment ago: it is looked for before anything waits. */
        EXPECTED,
        /** It was looked for, and what is locked is left out. */
        LOOKED_FOR
    }

    Task {
        requireNonNull(batch, "batch");
        requireNonNull(locks, "locks");
    }

    int size() {
        return batch.size();
    }

    List<? extends Change> changes() {
        return batch.changes();
    }

    /** Returns the changes at those places, from 0; and where {@code others}, those at all other places. */
    Task at(Set<Integer> places, boolean others) {
        return new Task(batch.at(places, others), locks);
    }

    Task firstHalf() {
        return new Task(batch.between(0, size() / 2), locks);
    }

    Task secondHalf() {
        return new Task(batch.between(size() / 2, size()), locks);
    }

    Task with(Locks known) {
        return new Task(batch, known);
    }
}
