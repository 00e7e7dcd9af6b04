package dev.writebehind.flush;

import java.util.List;

/**
 * The dead letters, as whoever looks after them sees them: in files of the only instance, or in a table that several
 * share. Safe for any thread; every call blocks.
 */
public sealed interface DeadLetters permits DeadLetterFiles, SharedDeadLetters {
    /** Returns how many there are. */
    long count();

    /** Returns those of greater ids than that, oldest first, at most that many. */
    List<DeadLetter> list(long after, int most);

    /** Removes the dead letter of that id. Returns whether there was one. */
    boolean remove(String id);
}
