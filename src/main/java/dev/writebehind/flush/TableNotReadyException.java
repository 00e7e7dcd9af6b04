package dev.writebehind.flush;

import java.io.Serial;

/** Says that the table has not been found fit yet since the start; whoever prepares it tells why. */
final class TableNotReadyException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    TableNotReadyException() {
        super("the table is not prepared yet: the database is away or not fit", null, false, false);
    }
}
