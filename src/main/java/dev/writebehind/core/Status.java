package dev.writebehind.core;

import static java.util.Objects.requireNonNull;

import dev.writebehind.condition.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a service at one moment; immutable.
 *
 * @param isJournalHealthy whether changes are made durable
 * @param journal why not, or that all is well: a sentence
 * @param flushFailure why the last flush failed; null: it did not
 * @param isPaused whether an operator has paused flushing
 * @param pendingKeys keys and resets that are not yet in the table, in flight included
 * @param pendingBytes the heap that they are charged with
 * @param conditions what is wrong, in the order of their names
 */
public record Status(
        Phase phase,
        boolean isJournalHealthy,
        String journal,
        @Nullable String flushFailure,
        boolean isPaused,
        long pendingKeys,
        long pendingBytes,
        List<Condition> conditions) {
    public Status {
        requireNonNull(phase, "phase");
        requireNonNull(journal, "journal");
        conditions = List.copyOf(conditions);
    }

    /** Whether requests are accepted and can be acknowledged; a database that is away does not change that. */
    public boolean isReady() {
        return phase == Phase.SERVING && isJournalHealthy;
    }
}
