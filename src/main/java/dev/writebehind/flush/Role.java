package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.store.Fence;

/** The part that an instance has in flushing. */
public sealed interface Role {
    /** Whether it flushes. */
    default boolean mayFlush() {
        return !(this instanceof Following);
    }

    /** The only instance there is; immutable. */
    record Alone() implements Role {}

    /** One of several, of which another flushes, or none at present; immutable. */
    record Following() implements Role {}

    /** The one of several that flushes, as long as the table has that fence; immutable. */
    record Leading(Fence fence) implements Role {
        public Leading {
            requireNonNull(fence, "fence");
        }
    }
}
