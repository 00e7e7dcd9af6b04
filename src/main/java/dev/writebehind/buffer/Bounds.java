package dev.writebehind.buffer;

import dev.writebehind.config.BufferSettings;
import java.util.concurrent.atomic.AtomicLong;

/** The count of what is not yet in the table, and the refusal of what would exceed the bounds. Safe for any thread. */
final class Bounds {
    private final long maxKeys;
    private final long maxBytes;
    private final AtomicLong keys = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong dirty = new AtomicLong();

    Bounds(BufferSettings settings) {
        this.maxKeys = settings.maxPending();
        this.maxBytes = settings.maxBytes().bytes();
    }

    /** Takes the charge if it fits. */
    boolean reserve(Charge charge) {
        if (charge.keys() == 0) {
            return true;
        }
        if (keys.addAndGet(charge.keys()) > maxKeys) {
            keys.addAndGet(-charge.keys());
            return false;
        }
        if (bytes.addAndGet(charge.bytes()) > maxBytes) {
            bytes.addAndGet(-charge.bytes());
            keys.addAndGet(-charge.keys());
            return false;
        }
        return true;
    }

    /** Whether the charge would fit. */
    boolean hasRoomFor(Charge charge) {
        return charge.keys() == 0
                || (keys.get() + charge.keys() <= maxKeys && bytes.get() + charge.bytes() <= maxBytes);
    }

    /** Takes or frees the charge, whatever the bounds. */
    void change(Charge charge) {
        keys.addAndGet(charge.keys());
        bytes.addAndGet(charge.bytes());
        dirty.addAndGet(charge.dirty());
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
}
