package dev.writebehind.completion;

import java.io.Serial;

/**
 * The refusal of a string that can't be a course or block key; the message says why and completes a sentence that
 * begins with the field.
 */
public final class InvalidKeyException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    InvalidKeyException(String reason) {
        super(reason, null, false, false);
    }

    /** Returns the reason, for example {@code must not be empty}. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
