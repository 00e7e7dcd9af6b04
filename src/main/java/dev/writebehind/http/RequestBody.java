package dev.writebehind.http;

import dev.writebehind.http.BodyBudget.Reservation;
import org.jspecify.annotations.Nullable;

/**
 * A body that has arrived whole, and its part of the {@link BodyBudget}; whoever reads it gives both back. Safe for any
 * thread.
 */
public final class RequestBody {
    private final int length;
    private final @Nullable Reservation reservation;
    private volatile byte @Nullable [] bytes;

    /**
     * Creates it.
     *
     * @param bytes begin with the body
     * @param reservation null: it is too small to count
     */
    RequestBody(byte[] bytes, int length, @Nullable Reservation reservation) {
        this.bytes = bytes;
        this.length = length;
        this.reservation = reservation;
    }

    static RequestBody empty() {
        return new RequestBody(new byte[0], 0, null);
    }

    /** Returns how many bytes it has; also when it has been given back. */
    public int length() {
        return length;
    }

    /** Returns an array that begins with the body, not a copy; throws once it has been given back. */
    public byte[] bytes() {
        byte[] present = bytes;
        if (present == null) {
            throw new IllegalStateException("the body has been given back");
        }
        return present;
    }

    /** Tells that the bytes are not needed any more, and lets go of them; of no effect the second time. */
    public void release() {
        bytes = null;
        if (reservation != null) {
            reservation.release();
        }
    }
}
