package dev.writebehind.buffer;

/**
 * The change that one step makes to what is counted; negative where it frees; immutable.
 *
 * @param keys keys not yet in the table
 * @param bytes the heap they are charged with
 * @param dirty keys that wait for the next drain
 * @param nonAscii those of the keys that have other characters than ASCII
 */
record Charge(long keys, long bytes, long dirty, long nonAscii) {
    static final Charge NONE = new Charge(0, 0, 0, 0);

    /** A charge of keys that are ASCII. */
    Charge(long keys, long bytes, long dirty) {
        this(keys, bytes, dirty, 0);
    }

    /** Returns what is left to be counted once that much has been reserved. */
    Charge minus(Charge reserved) {
        return new Charge(
                keys - reserved.keys, bytes - reserved.bytes, dirty - reserved.dirty, nonAscii - reserved.nonAscii);
    }

    Charge plus(Charge other) {
        if (other.isNothing()) {
            return this;
        }
        return isNothing() ? other : sum(other);
    }

    private boolean isNothing() {
        return keys == 0 && bytes == 0 && dirty == 0 && nonAscii == 0;
    }

    private Charge sum(Charge other) {
        return new Charge(keys + other.keys, bytes + other.bytes, dirty + other.dirty, nonAscii + other.nonAscii);
    }
}
