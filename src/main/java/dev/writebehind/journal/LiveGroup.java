package dev.writebehind.journal;

/** One group commit and how many of its entries are still needed. Confined to the journal's thread. */
final class LiveGroup {
    private final long number;
    private int live;

    LiveGroup(long number) {
        this.number = number;
    }

    long number() {
        return number;
    }

    boolean isLive() {
        return live > 0;
    }

    void add() {
        live++;
    }

    void remove() {
        live--;
    }
}
