package dev.writebehind.cli;

import java.io.Serial;

/** The failure to have the running service do something; it says what to do, and has an exit code. */
final class RemoteFailure extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;

    RemoteFailure(int status, String message) {
        super(message);
        this.status = status;
    }

    RemoteFailure(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** Returns the exit code. */
    int status() {
        return status;
    }
}
