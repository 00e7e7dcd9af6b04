package dev.writebehind.journal;

/** The bytes of all entries that are still needed. Confined to the journal's thread. */
final class LiveTotal {
    private long bytes;

    long bytes() {
        return bytes;
    }

    void change(long by) {
        bytes += by;
    }
}
