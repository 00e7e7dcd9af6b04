package dev.writebehind.completion;

import org.jspecify.annotations.Nullable;

/**
 * Where the buffer has its unsettled runs written down. Calls never block and may be made under locks; those that
 * concern one key take effect in the order in which they were made.
 */
public interface RunLog {
    /** Writes nothing down. */
    RunLog NONE = new RunLog() {
        @Override
        public Entry append(CoalescedWrite run, @Nullable Entry previous) {
            return new Entry() {};
        }

        @Override
        public void release(Entry entry) {}

        @Override
        public boolean hasOutdated() {
            return false;
        }

        @Override
        public boolean isOutdated(Entry entry) {
            return false;
        }
    };

    /** One run in the log; means something to the log alone. */
    interface Entry {}

    /**
     * Has a key's whole unsettled run written down.
     *
     * @param previous the entry of an earlier state of the same run, no longer needed once this one is durable; null:
     *     there is none
     */
    Entry append(CoalescedWrite run, @Nullable Entry previous);

    /** Tells that the entry's run, exactly as it was written down, is in the table. */
    void release(Entry entry);

    /** Whether there may be entries that {@link #isOutdated}. */
    boolean hasOutdated();

    /** Whether the log would be rid of that entry, by having its run appended once more. */
    boolean isOutdated(Entry entry);
}
