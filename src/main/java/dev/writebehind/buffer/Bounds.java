package dev.writebehind.buffer;

import dev.writebehind.config.BufferSettings;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The count of what is not yet in the table, and the refusal of what would exceed the bounds. Safe for any thread. */
final class Bounds {
    private final Supplier<BufferSettings> settings;
    private final AtomicLong keys = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong dirty = new AtomicLong();
    private final AtomicLong nonAscii = new AtomicLong();

    Bounds(Supplier<BufferSettings> settings) {
        this.settings = settings;
    }

    /** Takes the charge if it fits. */
    boolean reserve(Charge charge) {
        if (charge.keys() == 0) {
            return true;
        }
        BufferSettings now = settings.get();
        if (keys.addAndGet(charge.keys()) > now.maxPending()) {
            keys.addAndGet(-charge.keys());
            return false;
        }
        if (bytes.addAndGet(charge.bytes()) > now.maxBytes().bytes()) {
            bytes.addAndGet(-charge.bytes());
            keys.addAndGet(-charge.keys());
            return false;
        }
        return true;
    }

    /** Whether the charge would fit. */
    boolean hasRoomFor(Charge charge) {
        BufferSettings now = settings.get();
        return charge.keys() == 0
                || (keys.get() + charge.keys() <= now.maxPending()
                        && bytes.get() + charge.bytes() <= now.maxBytes().bytes());
    }

    /** Takes the charge in place of the keys and bytes that were reserved for it. */
    void change(Charge charge, Charge reserved) {
        add(keys, charge.keys() - reserved.keys());
        add(bytes, charge.bytes() - reserved.bytes());
        add(dirty, charge.dirty());
        add(nonAscii, charge.nonAscii());
    }

    /** Takes or frees the charge, whatever the bounds. */
    void change(Charge charge) {
        add(keys, charge.keys());
        add(bytes, charge.bytes());
        add(dirty, charge.dirty());
        add(nonAscii, charge.nonAscii());
    }

    /** Counts so many more keys that have other characters than ASCII, or fewer. */
    void countNonAscii(long count) {
        add(nonAscii, count);
    }

    /** Of many steps nothing changes, and each addition takes the counter away from the other processors. */
    private static void add(AtomicLong counter, long change) {
        if (change != 0) {
            counter.addAndGet(change);
        }
    }

    BufferSettings most() {
        return settings.get();
    }

    long keys() {
        return keys.get();
    }

    long bytes() {
        return bytes.get();
    }

    long dirty() {
        return dirty.get();
    }

    long nonAscii() {
        return nonAscii.get();
    }
}
