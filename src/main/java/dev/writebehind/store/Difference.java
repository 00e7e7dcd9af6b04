package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A row in which two tables differ; immutable.
 *
 * @param here the row of the service's table; null: it has none
 * @param there the row of the other table; null: it has none
 */
public record Difference(
        Kind kind, @Nullable ComparedRow here, @Nullable ComparedRow there) {
    public Difference {
        requireNonNull(kind, "kind");
        if (here == null && there == null) {
            throw new IllegalArgumentException("there is no row");
        }
    }

    /** What differs; of several the first. */
    public enum Kind {
        /** The other table's row is not in the service's. */
        MISSING,
        /** The service's row is not in the other table. */
        EXTRA,
        /** Their {@code completion} differs. */
        VALUE,
        /** Their {@code block_type} differs. */
        TYPE,
        /** Their {@code created} or {@code modified} differs. */
        TIMES
    }

    /** Returns what differs of two rows, of which either may be missing; null: nothing that is looked at. */
    static @Nullable Difference of(@Nullable ComparedRow here, @Nullable ComparedRow there, boolean times) {
        if (here == null) {
            return there == null ? null : new Difference(Kind.MISSING, null, there);
        }
        if (there == null) {
            return new Difference(Kind.EXTRA, here, null);
        }
        if (here.completion() != there.completion()) {
            return new Difference(Kind.VALUE, here, there);
        }
        if (!here.blockType().equals(there.blockType()) && here.key().equals(there.key())) {
            return new Difference(Kind.TYPE, here, there);
        }
        return times && !here.hasTimesOf(there) ? new Difference(Kind.TIMES, here, there) : null;
    }

    /** Returns the row, of whichever table has it. */
    public ComparedRow any() {
        return here == null ? requireNonNull(there) : here;
    }

    /** Returns when either row was modified last, microseconds since the epoch. */
    long modifiedAt() {
        return Math.max(here == null ? 0 : here.modifiedAt(), there == null ? 0 : there.modifiedAt());
    }
}
