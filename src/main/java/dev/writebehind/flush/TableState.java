package dev.writebehind.flush;

/** The state of the table: whether it has been found fit, and migrated where that is asked for, since the start. */
public enum TableState {
    /** It has. */
    PREPARED,
    /** Not yet: the database is away or not fit. Whoever prepares the table tells why. */
    UNPREPARED
}
