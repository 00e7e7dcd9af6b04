package dev.writebehind.core;

import java.io.Serial;

/** The failure of a read whose answer would not be known to be right: this instance can't follow the log any more. */
public final class UnreliableReadException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnreliableReadException(String why) {
        super(why, null, false, false);
    }
}
