package dev.writebehind.core;

import dev.writebehind.buffer.View;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.StoredCompletion;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;

/** A learner's completions in a course, each once; immutable. */
public final class CourseCompletions {
    private final Map<String, StoredCompletion> byFoldedBlock = new LinkedHashMap<>();
    private final Set<String> pending = new HashSet<>();
    private final long asOf;

    private CourseCompletions(long asOf) {
        this.asOf = asOf;
    }

    /**
     * Lays what the buffer holds over the table's rows; the order of age is table, flushed a moment ago, pending.
     *
     * @param asOf what was received until then is there; {@link Long#MAX_VALUE}: all that was acknowledged is
     */
    static CourseCompletions of(List<StoredCompletion> rows, View view, long asOf) {
        CourseCompletions merged = new CourseCompletions(asOf);
        rows.stream()
                .filter(row -> !view.hides(row))
                .forEach(row -> merged.byFoldedBlock.put(row.foldedBlockKey(), row));
        view.flushed().forEach(write -> merged.lay(write, view.horizon()));
        view.pending().forEach(write -> {
            merged.lay(write, view.horizon());
            merged.pending.add(write.key().block().folded());
        });
        return merged;
    }

    private void lay(CoalescedWrite write, long horizon) {
        byFoldedBlock.compute(write.key().block().folded(), (block, row) -> write.applyTo(row, horizon));
    }

    /**
     * Returns the time up to which they hold whatever was received, microseconds since the epoch, UTC; empty: they hold
     * all that was acknowledged before they were asked for.
     */
    public OptionalLong asOf() {
        return asOf == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(asOf);
    }

    /**
     * Hands over those of these blocks, and whether they are pending: not yet in the table.
     *
     * @param foldedBlocks {@link dev.writebehind.completion.BlockKey#folded}; empty: all
     */
    public void forEach(Set<String> foldedBlocks, BiConsumer<StoredCompletion, Boolean> sink) {
        byFoldedBlock.forEach((block, completion) -> {
            if (foldedBlocks.isEmpty() || foldedBlocks.contains(block)) {
                sink.accept(completion, pending.contains(block));
            }
        });
    }
}
