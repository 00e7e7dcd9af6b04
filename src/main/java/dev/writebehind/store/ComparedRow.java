package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

/**
 * A row of one of two tables that are compared; immutable.
 *
 * @param key spelt as the table has it
 * @param createdAt microseconds since the epoch, UTC, as {@code modifiedAt}
 */
public record ComparedRow(long id, RowKey key, String blockType, double completion, long createdAt, long modifiedAt) {
    public ComparedRow {
        requireNonNull(key, "key");
        requireNonNull(blockType, "blockType");
    }

    /** What a row is of; equal where it is spelt equal. */
    public record RowKey(long userId, String courseKey, String blockKey) {
        public RowKey {
            requireNonNull(courseKey, "courseKey");
            requireNonNull(blockKey, "blockKey");
        }
    }

    boolean hasTimesOf(ComparedRow other) {
        return createdAt == other.createdAt && modifiedAt == other.modifiedAt;
    }
}
