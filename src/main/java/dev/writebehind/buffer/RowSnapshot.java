package dev.writebehind.buffer;

import dev.writebehind.completion.StoredCompletion;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rows of a learner in a course as the table held them at some time after the read began; immutable.
 *
 * @param readAt when the read began, by the buffer's ticker
 */
record RowSnapshot(List<StoredCompletion> rows, long readAt) {
    RowSnapshot {
        rows = List.copyOf(rows);
    }

    /** Returns the blocks that have a row, as they are spelled there. */
    Set<String> blocks() {
        Set<String> blocks = new HashSet<>();
        rows.forEach(row -> blocks.add(row.blockKey()));
        return blocks;
    }
}
