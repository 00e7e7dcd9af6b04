package dev.writebehind.journal;

/** One group commit and how many of its entries are still needed. Confined to the journal's thread. */
final class LiveGroup {
    private final long number;
    private final LiveTotal total;
    private int live;

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

    void add(int bytes) {
        live++;
        total.change(bytes);
    }

    void remove(int bytes) {
        live--;
        total.change(-bytes);
    }
}
