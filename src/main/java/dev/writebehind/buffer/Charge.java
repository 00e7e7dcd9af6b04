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

    /** Returns the charge, which is no new object for most writes: their keys wait already. */
    static Charge of(long keys, long bytes, long dirty, long nonAscii) {
        Charge charge = new Charge(keys, bytes, dirty, nonAscii);
        return charge.isNothing() ? NONE : charge;
    }

    /** Returns a charge of so many more bytes. */
    Charge withBytes(long more) {
        return new Charge(keys, bytes + more, dirty, nonAscii);
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
