package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import java.util.List;

/**
 * The other instances, as far as the flusher has to tell them of anything. Called on its context; returns at once, and
 * does not fail.
 */
public interface Peers {
    /** There are none. */
    Peers NONE = new Peers() {
        @Override
        public void settled(List<? extends Change> changes) {}

        @Override
        public void buried(Change change, String reason) {}

        @Override
        public void fenced() {}
    };

    /** These are in the table, or undone by what is; each with whatever was received of its key before. */
    void settled(List<? extends Change> changes);

    /** The table refused it, and it is kept elsewhere. */
    void buried(Change change, String reason);

    /** Another instance has claimed the table: this one does not flush any more. */
    void fenced();
}
