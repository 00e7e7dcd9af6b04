package dev.writebehind.store;

/** The failure of a batch whose rows could be written, and their entries in the outbox could not; nothing is there. */
final class OutboxUnwritableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutboxUnwritableException(Throwable cause) {
        super("no entry can be added to " + OutboxTable.NAME + ": " + cause.getMessage(), cause);
    }
}
