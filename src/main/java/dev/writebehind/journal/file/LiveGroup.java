package dev.writebehind.journal.file;

/** One group commit and how many of its entries are still needed. Confined to the journal's thread. */
final class LiveGroup {
    private final long number;
    private final LiveTotal total;
    private int live;
    private int settledBytes;

    LiveGroup(long number, LiveTotal total) {
        this.number = number;
        this.total = total;
    }

    long number() {
        return number;
    }

    boolean isLive() {
        return live > 0;
    }

    void add(int bytes, boolean reset) {
        live++;
        total.add(bytes, reset);
    }

    /** Takes an entry out; {@code settled}: its change is carried out or undone, not merely written anew. */
    void remove(int bytes, boolean reset, boolean settled) {
        live--;
        total.remove(bytes, reset);
        if (settled) {
            settle(bytes);
        }
    }

    /** Takes note of an entry that was no longer needed when it was written. */
    void settle(int bytes) {
        settledBytes += bytes;
        total.changeSettled(bytes);
    }

    /** A start would no longer read the group. */
    void leave() {
        total.changeSettled(-settledBytes);
        settledBytes = 0;
    }
}
