package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

/**
 * One row of the table as a reader sees it, learner and course aside; immutable.
 *
 * @param createdAt microseconds since the epoch, UTC
 * @param modifiedAt microseconds since the epoch, UTC
 */
public record StoredCompletion(String blockKey, String blockType, double completion, long createdAt, long modifiedAt) {
    public StoredCompletion {
        requireNonNull(blockKey, "blockKey");
        requireNonNull(blockType, "blockType");
    }

    /** Returns the block key with A to Z in lower case, as {@link BlockKey#folded} has it. */
    public String foldedBlockKey() {
        return KeyForms.fold(blockKey);
    }

    StoredCompletion modified(double newCompletion, long newModifiedAt) {
        return new StoredCompletion(blockKey, blockType, newCompletion, createdAt, newModifiedAt);
    }
}
