package dev.writebehind.loadtest.result;

import java.util.List;

/**
 * The table after a run beside what the client was told; immutable.
 *
 * @param keys rows that there must be or may be
 * @param unknown of these, keys of which a write has an unknown outcome: whatever they hold is checked against several
 *     values
 * @param rows rows in the table
 * @param different rows that are missing, too many, or hold a value they must not
 * @param examples some of these
 */
public record RowCheck(long keys, long unknown, long rows, long different, List<String> examples) {
    public RowCheck {
        examples = List.copyOf(examples);
    }
}
