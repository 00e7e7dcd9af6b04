package dev.writebehind.tls;

import java.io.Serial;

/** The failure to take a PEM file as it is; it names the setting and the file, and says what is wrong. */
public final class UnreadablePemException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnreadablePemException(String reason, Throwable cause) {
        super(reason, cause);
    }

    UnreadablePemException(String reason) {
        super(reason);
    }
}
