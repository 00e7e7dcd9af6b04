package dev.writebehind.progress;

/**
 * Whoever is told how far something long has come, as often as there is something to tell. Not for concurrent use,
 * unless it says so.
 */
public interface Progress {
    /** Nobody. */
    Progress NONE = (done, total, what) -> {};

    /**
     * Takes note of how much is done.
     *
     * @param done how much, at most {@code total}
     * @param total how much there is to do, as far as is known; 0: that is not known
     * @param what is counted, or being done: some words
     */
    void at(long done, long total, String what);
}
