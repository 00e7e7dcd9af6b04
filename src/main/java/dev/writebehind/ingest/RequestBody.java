package dev.writebehind.ingest;

import dev.writebehind.ingest.BodyBudget.Reservation;
import org.jspecify.annotations.Nullable;

/**
 * A body that has arrived whole, and its part of the {@link BodyBudget}, which whoever reads it gives back. Safe for any
 * thread.
 */
public final class RequestBody {
    static final RequestBody EMPTY = new RequestBody(new byte[0], null);

    private final byte[] bytes;
    private final @Nullable Reservation reservation;

    /**
     * Creates it.
     *
     * @param reservation null: it is too small to count
     */
    RequestBody(byte[] bytes, @Nullable Reservation reservation) {
        this.bytes = bytes;
        this.reservation = reservation;
    }

    /** Returns the bytes themselves, not a copy. */
    public byte[] bytes() {
        return bytes;
    }

    /** Tells that the bytes are not needed any more; of no effect the second time. */
    public void release() {
        if (reservation != null) {
            reservation.release();
        }
    }
}
