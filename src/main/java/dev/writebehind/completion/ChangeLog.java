package dev.writebehind.completion;

import org.jspecify.annotations.Nullable;

/**
 * The log in which the buffer has its unsettled changes written down. Calls never block and may be made under locks;
 * those that concern one learner and course take effect in the order in which they were made.
 */
public interface ChangeLog {
    /** One change in the log; means something to the log alone. */
    interface Entry {}

    /** The log of a buffer whose changes are durable elsewhere before they come to it. */
    ChangeLog DURABLE_BEFORE = new DurableBefore();

    /**
     * Has a reset, or a key's whole unsettled run, written down.
     *
     * @param previous the entry of an earlier reset, or of an earlier state of the same run, no longer needed once this
     *     one is durable; null: there is none
     */
    Entry append(Change change, @Nullable Entry previous);

    /**
     * Tells that the entry's change, exactly as it was written down, is no longer needed, once everything appended
     * before this call is durable: it is in the table, or undone by a reset.
     */
    void release(Entry entry);

    /** Whether there may be entries that {@link #isOutdated}. */
    boolean hasOutdated();

    /** Whether the log would be rid of that entry, by having its change appended once more. */
    boolean isOutdated(Entry entry);

    /** Whether the entry's change is durable. */
    boolean isWritten(Entry entry);

    /** Whether that many further changes can be appended without the queue growing beyond its bound. */
    boolean hasRoom(int changes);
}
