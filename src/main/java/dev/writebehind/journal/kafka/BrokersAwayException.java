package dev.writebehind.journal.kafka;

import java.io.Serial;

/** The failure of a question to the brokers that may be answered some time later. */
final class BrokersAwayException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    BrokersAwayException(Throwable cause) {
        super(cause.getMessage(), cause);
    }
}
