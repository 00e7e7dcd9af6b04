package dev.writebehind.store;

import java.io.Serial;

/** The failure of a batch that exceeds what the server takes in one statement; it was not sent. */
final class BatchTooLargeException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    BatchTooLargeException(long bytes, long maxPacket) {
        super(
                "the batch takes " + bytes + " bytes, but max_allowed_packet is " + maxPacket
                        + " on the server: raise it to 64M",
                null,
                false,
                false);
    }
}
