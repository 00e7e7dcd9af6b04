package dev.writebehind.store;

/** The failure of what needs a claim that is another's by now, or is being claimed; nothing of it is in the table. */
final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FencedException(String message) {
        super(message);
    }

    FencedException(String message, Throwable cause) {
        super(message, cause);
    }
}
