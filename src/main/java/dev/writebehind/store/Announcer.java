package dev.writebehind.store;

/**
 * The say in whether changed rows are told of in the outbox, and the place for what came of it. Called on the context
 * of the sessions that it was given to.
 */
public interface Announcer {
    /** Nothing is ever told, and rows are written as if there were no outbox. */
    Announcer NONE = new Announcer() {};

    /** Whether a batch that is about to be written is to add entries. */
    default boolean isWanted() {
        return false;
    }

    /** Takes note of a committed batch that added so many entries. */
    default void added(int entries) {}

    /** Takes note of a committed batch that changed so many rows without an entry. */
    default void leftOut(int rows) {}

    /**
     * Takes note that a batch is undone, for its entries could not be added.
     *
     * @return whether it is to be written without them now; else it fails with {@link OutboxUnwritableException}
     */
    default boolean failed(Throwable cause) {
        return false;
    }
}
