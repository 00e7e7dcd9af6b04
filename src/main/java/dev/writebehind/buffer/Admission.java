package dev.writebehind.buffer;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.LearnerCourse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The admission of requests by the buffer's bounds: each reserves the most that it may take, and what it takes exactly
 * where the most does not fit. Safe for any thread.
 */
final class Admission {
    private final Bounds bounds;
    private final Entries entries;
    private final Texts texts;

    Admission(Bounds bounds, Entries entries, Texts texts) {
        this.bounds = bounds;
        this.entries = entries;
        this.texts = texts;
    }

    /** Returns what is reserved for the writes now; null: they don't fit. */
    @Nullable
    Charge reserve(List<CompletionWrite> writes) {
        Charge most = mostCharge(writes);
        if (bounds.reserve(most)) {
            return most;
        }
        Charge exact = exactCharge(writes);
        return bounds.reserve(exact) ? exact : null;
    }

    /** Returns what is reserved for a reset now; null: it doesn't fit. */
    @Nullable
    Charge reserve(LearnerCourse reset) {
        Charge most = mostCharge(reset);
        if (bounds.reserve(most)) {
            return most;
        }
        return replaces(reset) ? Charge.NONE : null;
    }

    /** Whether {@link #reserve(List)} would find room now. */
    boolean hasRoomFor(List<CompletionWrite> writes) {
        return bounds.hasRoomFor(mostCharge(writes)) || bounds.hasRoomFor(exactCharge(writes));
    }

    /** Whether {@link #reserve(LearnerCourse)} would find room now. */
    boolean hasRoomFor(LearnerCourse reset) {
        return bounds.hasRoomFor(mostCharge(reset)) || replaces(reset);
    }

    /** Whether a reset would take no more room than what it undoes or replaces. */
    private boolean replaces(LearnerCourse reset) {
        LearnerEntry present = entries.get(reset);
        return present != null && present.hasRoomForReset();
    }

    private static Charge mostCharge(LearnerCourse reset) {
        return new Charge(1, Charges.mostBytes(reset), 0);
    }

    private static Charge mostCharge(List<CompletionWrite> writes) {
        long bytes = 0;
        for (CompletionWrite write : writes) {
            bytes += Charges.bytes(write.key(), true, true, true);
        }
        return new Charge(writes.size(), bytes, 0);
    }

    /** Returns the charge of those keys that are not in the buffer now; a flush may settle some right after. */
    private Charge exactCharge(List<CompletionWrite> writes) {
        long bytes = 0;
        Set<CompletionKey> fresh = new HashSet<>();
        Set<Object> charged = new HashSet<>();
        for (CompletionWrite write : writes) {
            CompletionKey key = write.key();
            LearnerCourse learnerCourse = LearnerCourse.of(key);
            LearnerEntry entry = entries.get(learnerCourse);
            if ((entry == null || !entry.holdsUnsettled(key.block())) && fresh.add(key)) {
                boolean freshEntry = (entry == null || !entry.isPinned()) && charged.add(learnerCourse);
                boolean freshCourse = freshEntry && !texts.isHeld(key.course()) && charged.add(key.course());
                boolean freshBlock = !texts.isHeld(key.block()) && charged.add(key.block());
                bytes += Charges.bytes(key, freshEntry, freshCourse, freshBlock);
            }
        }
        return new Charge(fresh.size(), bytes, 0);
    }
}
