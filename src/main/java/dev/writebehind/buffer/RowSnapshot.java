package dev.writebehind.buffer;

import dev.writebehind.completion.StoredCompletion;
import java.util.List;

/**
 * The rows of a learner in a course as the table held them at some time after the read began; immutable.
 *
 * @param readAt when the read began, by the buffer's ticker
 */
record RowSnapshot(List<StoredCompletion> rows, long readAt) {
    RowSnapshot {
        rows = List.copyOf(rows);
    }
}
