package dev.writebehind.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The indexes by which statements find rows, whatever their names; immutable. They are named in the statements: left to
 * choose, the server scans a table that is small, or that it takes for small, and waits for every row that somebody
 * holds.
 *
 * @param ofRow the unique key over course, block and user, in any order
 * @param ofCourse an index that begins with user and course; null: there is none
 */
record KeyIndexes(String ofRow, @Nullable String ofCourse) {
    private static final Set<String> ROW = Set.of("course_key", "block_key", "user_id");
    private static final Set<String> COURSE = Set.of("user_id", "course_key");
    private static final String INDEXES = "SELECT INDEX_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX),"
            + " MAX(NON_UNIQUE), MAX(COALESCE(SUB_PART, 0)) FROM information_schema.STATISTICS"
            + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? GROUP BY INDEX_NAME ORDER BY INDEX_NAME";

    /** Reads them; fails with {@link UnfitSchemaException} where the unique key is missing. */
    static Future<KeyIndexes> read(SqlConnection connection) {
        return connection
                .preparedQuery(INDEXES)
                .execute(Tuple.of(UpsertStatements.TABLE))
                .map(KeyIndexes::of);
    }

    /** Returns what stands behind the table's name to have a row found by its key. */
    String forRow() {
        return hint(ofRow);
    }

    /** Returns what stands behind the table's name to have a course's rows found. */
    String forCourse() {
        return ofCourse == null ? "" : hint(ofCourse);
    }

    private static String hint(String index) {
        return " FORCE INDEX (`" + index.replace("`", "``") + "`)";
    }

    private static KeyIndexes of(RowSet<Row> rows) {
        String ofRow = null;
        String ofCourse = null;
        for (Row row : rows) {
            String[] columns = row.getString(1).split(",", -1);
            if (row.getInteger(3) != 0) {
                continue; // of the beginnings of its columns
            }
            if (row.getInteger(2) == 0 && columns.length == 3 && ROW.equals(Set.of(columns))) {
                ofRow = row.getString(0);
            }
            if (columns.length >= 2 && columns[0].equals("user_id") && COURSE.contains(columns[1])) {
                ofCourse = row.getString(0);
            }
        }
        if (ofRow == null) {
            throw new UnfitSchemaException("the table " + UpsertStatements.TABLE
                    + " has no unique key on (course_key, block_key, user_id): add it");
        }
        return new KeyIndexes(ofRow, ofCourse);
    }
}
