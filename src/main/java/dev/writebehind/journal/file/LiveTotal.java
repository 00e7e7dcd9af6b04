package dev.writebehind.journal.file;

/** The sums over all entries that are on disk. Confined to the journal's thread. */
final class LiveTotal {
    private long entries;
    private long resets;
    private long bytes;
    private long settledBytes;

    /** Returns how many entries are still needed. */
    long entries() {
        return entries;
    }

    /** Returns how many of these are resets. */
    long resets() {
        return resets;
    }

    /** Returns the bytes of the entries that are still needed. */
    long bytes() {
        return bytes;
    }

    /**
     * Returns the bytes of entries that are not, but that a start would read as if they were: they do not lie below the
     * low water.
     */
    long settledBytes() {
        return settledBytes;
    }

    void add(long entryBytes, boolean reset) {
        entries++;
        resets += reset ? 1 : 0;
        bytes += entryBytes;
    }

    void remove(long entryBytes, boolean reset) {
        entries--;
        resets -= reset ? 1 : 0;
        bytes -= entryBytes;
    }

    void changeSettled(long by) {
        settledBytes += by;
    }
}
