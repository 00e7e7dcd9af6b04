package dev.writebehind.store;

/**
 * The two statements that bring a batch of writes into the table, and the one that carries out course resets, each with
 * the whole batch as one JSON parameter; immutable.
 *
 * <p>The first two carry the same guard, {@link dev.writebehind.completion.CoalescedWrite#applyTo}: a row changes only if the
 * batch's write was received no earlier than the row was modified, and only if its value differs or is known to have
 * changed since. Why two statements, their order, and how they treat keys that the collation holds equal:
 * {@code docs/decisions/0002-upsert.md}.
 */
record UpsertStatements(String update, String insert, String reset) {
    static final String TABLE = "completion_blockcompletion";

    static UpsertStatements forColumns(KeyColumn courseKey, KeyColumn blockKey) {
        String batch = "JSON_TABLE(?, '$[*]' COLUMNS("
                + "user_id INT PATH '$[0]'"
                + ", course_key " + courseKey.type() + " PATH '$[1]'"
                + ", block_key " + blockKey.type() + " PATH '$[2]'"
                + ", block_type VARCHAR(64) PATH '$[3]'"
                + ", completion DOUBLE PATH '$[4]'"
                + ", created_at DATETIME(6) PATH '$[5]'"
                + ", changed_at DATETIME(6) PATH '$[6]'"
                + ", received_at DATETIME(6) PATH '$[7]'"
                + ", changed INT PATH '$[8]'"
                + ")) n";
        String sameRow = "r.course_key = n.course_key AND r.block_key = n.block_key AND r.user_id = n.user_id";

        // STRAIGHT_JOIN: MariaDB takes JSON_TABLE for 40 rows and would scan the table instead.
        String update = "UPDATE " + batch + " STRAIGHT_JOIN " + TABLE + " r ON " + sameRow
                + " SET r.completion = n.completion"
                + ", r.modified = IF(n.changed_at >= r.modified, n.changed_at, n.received_at)"
                + " WHERE n.received_at >= r.modified"
                + " AND (n.completion <> r.completion OR (n.changed = 1 AND n.changed_at > r.modified))";

        // The second condition of WHERE is for rows that the UPDATE met twice: it changes each row once.
        // In ON DUPLICATE KEY UPDATE the assignments run left to right: modified must come before completion, whose
        // guard gives the same answer for the old and the new modified, but not the other way round.
        String changes = "d.received_at >= " + TABLE + ".modified AND (d.completion <> " + TABLE + ".completion"
                + " OR (d.changed = 1 AND d.changed_at > " + TABLE + ".modified))";
        String insert = "INSERT INTO " + TABLE
                + " (user_id, course_key, block_key, block_type, completion, created, modified)"
                + " SELECT d.user_id, d.course_key, d.block_key, d.block_type, d.completion, d.created_at, d.changed_at"
                + " FROM (SELECT n.* FROM " + batch + " LEFT JOIN " + TABLE + " r ON " + sameRow
                + " WHERE r.id IS NULL OR (n.received_at > r.modified AND n.completion <> r.completion)) d"
                + " ON DUPLICATE KEY UPDATE "
                + TABLE + ".modified = IF(" + changes + ", IF(d.changed_at >= " + TABLE + ".modified"
                + ", d.changed_at, d.received_at), " + TABLE + ".modified)"
                + ", " + TABLE + ".completion = IF(d.received_at >= " + TABLE + ".modified"
                + ", d.completion, " + TABLE + ".completion)";

        // By the index on (user_id, course_key, modified); rows changed after the reset was received stand.
        String reset = "DELETE r FROM JSON_TABLE(?, '$[*]' COLUMNS("
                + "user_id INT PATH '$[0]'"
                + ", course_key " + courseKey.type() + " PATH '$[1]'"
                + ", received_at DATETIME(6) PATH '$[2]'"
                + ")) n STRAIGHT_JOIN " + TABLE + " r ON r.user_id = n.user_id AND r.course_key = n.course_key"
                + " WHERE r.modified < n.received_at";
        return new UpsertStatements(update, insert, reset);
    }
}
