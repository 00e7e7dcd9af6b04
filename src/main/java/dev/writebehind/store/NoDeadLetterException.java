package dev.writebehind.store;

/** The failure of a transaction that would have brought a dead letter into the table that is none any more. */
public final class NoDeadLetterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoDeadLetterException() {
        super("the dead letter is not there any more");
    }
}
