package dev.writebehind.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The outcome of reading the settings again. */
public sealed interface Reload {
    /**
     * They are valid, and what reloads is in force; immutable.
     *
     * @param changed keys that have another value now than before, sorted
     * @param awaitingRestart keys that have another value than the one in force, sorted: they don't reload
     */
    record Applied(List<Change> changed, List<String> awaitingRestart) implements Reload {
        public Applied {
            changed = List.copyOf(changed);
            awaitingRestart = List.copyOf(awaitingRestart);
        }
    }

    /** There is no file that could be read again. */
    record NoFile() implements Reload {}

    /** They are not valid, and nothing was changed; immutable. */
    record Refused(String reason) implements Reload {}

    /** A key's change, as the file would say it, without what is secret; immutable. */
    record Change(
            String key, @Nullable String from, @Nullable String to) {
        @Override
        public String toString() {
            return key + " " + from + " → " + to;
        }
    }
}
