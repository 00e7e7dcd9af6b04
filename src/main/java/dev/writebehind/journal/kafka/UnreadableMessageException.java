package dev.writebehind.journal.kafka;

import java.io.Serial;

/** The failure to read a message: whoever follows the topic must stop there, since what it says is not known. */
final class UnreadableMessageException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnreadableMessageException(String message) {
        super(message);
    }
}
