package dev.writebehind.journal;

/**
 * The result of a replay; immutable.
 *
 * @param keys distinct keys taken over
 * @param resets course resets taken over
 * @param records records read for them, superseded ones included
 * @param tornBytes bytes behind the last whole frame, which a crash left half written; they were never acknowledged
 * @param newestReceipt the greatest receipt time ever journaled here, microseconds; 0: none
 * @param millis how long it took
 */
public record Replay(long keys, long resets, long records, long tornBytes, long newestReceipt, long millis) {}
