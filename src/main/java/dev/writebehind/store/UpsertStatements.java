package dev.writebehind.store;

/**
 * The statements that bring a batch of writes into the table, that carry out course resets, and that look for rows in
 * the way, each with the whole batch as one JSON parameter; immutable.
 *
 * <p>Writes find their row by all three columns of the key, resets theirs by learner and course, so that none can touch
 * a row of another learner, course or block, whatever unique keys the table has. One guard decides what changes,
 * {@link dev.writebehind.completion.CoalescedWrite#applyTo}: a row does only if the batch's write was received no
 * earlier than the row was modified, or the row lies beyond the horizon, and only if its value differs or is known to
 * have changed since. Why they are several, and their order: {@code docs/decisions/0002-upsert.md}.
 *
 * @param insertAll adds all rows; fails, and adds none, where one is there
 * @param updateAll changes the rows, and fails with {@link #NOT_ALL_PRESENT}, and changes none, where one of them is
 *     not there or was modified beyond the horizon; parameters: batch, horizon
 * @param updateAllNoted as {@code updateAll}, and notes the rows' ids for {@code announceNoted}; parameters: batch, the
 *     batch's number twice, horizon
 * @param update changes the rows that are there; parameters: batch, horizon. {@code LAST_INSERT_ID} is 1 after it
 *     where a row was modified beyond the horizon, which it leaves alone
 * @param updateAhead changes the rows modified beyond the horizon; parameters: batch, horizon
 * @param insert adds the rows that are not there, and locks those that are; fails on one that somebody else adds
 *     meanwhile
 * @param announce adds an entry to the outbox for each row that one of the others has just changed, and of which its
 *     callers do not tell: its time is one of the batch's, which no other write has. Of rows that were as the batch
 *     would have them, by an earlier one with the same times, it can't tell. Parameters: the id of the first row that
 *     was added, batch
 * @param announceNew the same for rows that were all added with ids from the first to the last, and of none of which
 *     its callers tell; parameters: these two
 * @param announceNoted the same for rows whose ids the last {@code updateAllNoted} has noted, none of which was added,
 *     and of none of which its callers tell; no parameters
 * @param reset deletes courses' rows; parameters: resets, horizon
 * @param present gives the places in the batch, from 1, whose row is there, and the row's id
 * @param lockable gives those of them whose row nobody has locked, and locks these
 * @param presentForReset as {@code present}, for each row of resets
 * @param lockableForReset as {@code lockable}, for each row of resets
 */
record UpsertStatements(
        String insertAll,
        String updateAll,
        String updateAllNoted,
        String update,
        String updateAhead,
        String insert,
        String announce,
        String announceNew,
        String announceNoted,
        String reset,
        String present,
        String lockable,
        String presentForReset,
        String lockableForReset) {
    static final String TABLE = "completion_blockcompletion";

    /** The server's error for a number out of range, which nothing else in the statements can be. */
    static final int NOT_ALL_PRESENT = 1690;

    private static final String HORIZON = "CAST(? AS DATETIME(6))";

    /** Fails with {@link #NOT_ALL_PRESENT}; no constant to the server, which would work it out beforehand. */
    private static final String IMPOSSIBLE = "18446744073709551615 + (n.user_id IS NOT NULL)";

    private static final String MODIFIED = ", r.modified = IF(n.changed_at >= r.modified, n.changed_at, n.received_at)";
    private static final String SET = " SET r.completion = n.completion" + MODIFIED;

    /**
     * The value is the same whatever becomes of the variables: ids of another batch's number are dropped when the first
     * is noted.
     */
    private static final String SET_AND_NOTE = " SET r.completion = IF((@writebehind_ids := IF(@writebehind_batch = ?,"
            + " CONCAT(@writebehind_ids, ',', r.id), CONCAT(IF(@writebehind_batch := ?, '', ''), r.id))) IS NULL,"
            + " n.completion, n.completion)" + MODIFIED;

    private static final String GUARD = "n.received_at >= r.modified"
            + " AND (n.completion <> r.completion OR (n.changed = 1 AND n.changed_at > r.modified))";

    static UpsertStatements forShape(TableShape shape) {
        String key = "user_id INT PATH '$[0]'"
                + ", course_key " + shape.course().type() + " PATH '$[1]'"
                + ", block_key " + shape.block().type() + " PATH '$[2]'";
        String added = table(key
                + ", block_type VARCHAR(64) CHARACTER SET " + shape.typeCharset() + " PATH '$[3]'"
                + ", completion DOUBLE PATH '$[4]'"
                + ", created_at DATETIME(6) PATH '$[5]'"
                + ", changed_at DATETIME(6) PATH '$[6]'");
        String changed = table(key
                + ", completion DOUBLE PATH '$[4]'"
                + ", changed_at DATETIME(6) PATH '$[6]'"
                + ", received_at DATETIME(6) PATH '$[7]'"
                + ", changed INT PATH '$[8]'");
        String stamped = table(key
                + ", created_at DATETIME(6) PATH '$[5]'"
                + ", changed_at DATETIME(6) PATH '$[6]'"
                + ", received_at DATETIME(6) PATH '$[7]'"
                + ", told INT PATH '$[9]'");
        String counted = table("i FOR ORDINALITY, " + key);
        String resets = table("i FOR ORDINALITY"
                + ", user_id INT PATH '$[0]'"
                + ", course_key " + shape.course().type() + " PATH '$[1]'"
                + ", received_at DATETIME(6) PATH '$[2]'");
        String sameRow = "r.course_key = n.course_key AND r.block_key = n.block_key AND r.user_id = n.user_id";
        // STRAIGHT_JOIN: MariaDB takes JSON_TABLE for 40 rows and would scan the table instead.
        String present = " STRAIGHT_JOIN " + TABLE + " r" + shape.indexes().forRow() + " ON " + sameRow;
        String rowsOfCourses = resets + " STRAIGHT_JOIN " + TABLE + " r"
                + shape.indexes().forCourse() + " ON r.user_id = n.user_id AND r.course_key = n.course_key";
        String places = "SELECT n.i, r.id FROM ";
        String unlocked = shape.dialect().forUpdateOf("r") + " SKIP LOCKED";
        String anyway = " LEFT JOIN " + TABLE + " r" + shape.indexes().forRow() + " ON " + sameRow;
        String insert = "INSERT INTO " + TABLE
                + " (user_id, course_key, block_key, block_type, completion, created, modified)"
                + " SELECT n.user_id, n.course_key, n.block_key, n.block_type, n.completion, n.created_at,"
                + " n.changed_at FROM " + added;
        String entry = "INSERT INTO " + OutboxTable.NAME + " (completion_id, user_id, is_new, modified)";
        String ifAll = " WHERE IF(r.id IS NULL OR r.modified > " + HORIZON + ", " + IMPOSSIBLE + ", " + GUARD + ")";
        // The multiplication keeps the server from evaluating LAST_INSERT_ID before it has a row.
        return new UpsertStatements(
                insert,
                "UPDATE " + changed + anyway + SET + ifAll,
                "UPDATE " + changed + anyway + SET_AND_NOTE + ifAll,
                "UPDATE " + changed + present + SET + " WHERE (" + GUARD + ") OR (r.modified > " + HORIZON
                        + " AND (n.completion <> r.completion OR n.changed = 1)"
                        + " AND LAST_INSERT_ID(1 + 0 * n.user_id) = 0)",
                "UPDATE " + changed + present + " SET r.completion = n.completion, r.modified = n.changed_at"
                        + " WHERE r.modified > " + HORIZON + " AND (n.completion <> r.completion OR n.changed = 1)",
                insert + anyway + " WHERE r.id IS NULL" + shape.dialect().forUpdateOf("r"),
                entry + " SELECT r.id, r.user_id, r.id >= ? AND r.created = n.created_at, r.modified FROM " + stamped
                        + present
                        + " WHERE n.told IS NULL AND (r.modified = n.changed_at OR r.modified = n.received_at)"
                        + " ORDER BY r.modified",
                entry + " SELECT r.id, r.user_id, 1, r.modified FROM " + TABLE
                        + " r WHERE r.id BETWEEN ? AND ? ORDER BY r.modified",
                entry + " SELECT DISTINCT r.id, r.user_id, 0, r.modified FROM JSON_TABLE(CONCAT('[', @writebehind_ids,"
                        + " ']'), '$[*]' COLUMNS(id BIGINT PATH '$')) n STRAIGHT_JOIN " + TABLE
                        + " r ON r.id = n.id ORDER BY r.modified",
                "DELETE r FROM " + rowsOfCourses + " WHERE r.modified < n.received_at OR r.modified > " + HORIZON,
                places + counted + present,
                places + counted + present + unlocked,
                places + rowsOfCourses,
                places + rowsOfCourses + unlocked);
    }

    private static String table(String columns) {
        return "JSON_TABLE(?, '$[*]' COLUMNS(" + columns + ")) n";
    }
}
