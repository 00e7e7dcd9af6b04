package dev.writebehind.loadtest.comparison;

import java.io.Serial;

/** The failure of a run, which could not be carried out; the message is for whoever started the command. */
public final class RunFailedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** Creates one that says what failed. */
    public RunFailedException(String message) {
        super(message);
    }
}
