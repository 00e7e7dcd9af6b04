package dev.writebehind.core;

import dev.writebehind.buffer.View;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.StoredCompletion;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** A learner's completions in a course, each once; immutable. */
public final class CourseCompletions {
    private final Map<String, StoredCompletion> byFoldedBlock = new LinkedHashMap<>();
    private final Set<String> pending = new HashSet<>();

    private CourseCompletions() {}

    /** Lays what the buffer holds over the table's rows; the order of age is table, flushed a moment ago, pending. */
    static CourseCompletions of(List<StoredCompletion> rows, View view) {
        CourseCompletions merged = new CourseCompletions();
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
