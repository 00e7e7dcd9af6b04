package dev.writebehind.flush;

/** Whether the table has been migrated and found fit since the start. */
public enum TableState {
    /** It has. */
    PREPARED,
    /** Not yet: the database is away or not fit. Whoever prepares the table tells why. */
    UNPREPARED
}
