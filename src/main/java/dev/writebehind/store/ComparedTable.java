package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.store.ComparedRow.RowKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One of two tables that are compared, read by plain consistent reads in a session that may do nothing else. Learners
 * are the one order that is the same whatever the tables' collations. Confined to its thread; blocks.
 */
final class ComparedTable implements AutoCloseable {
    private static final String TABLE = UpsertStatements.TABLE;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,64}");
    private static final Set<String> ROW = Set.of("course_key", "block_key", "user_id");
    private static final String INDEXES = "SELECT INDEX_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX),"
            + " MAX(NON_UNIQUE), MAX(COALESCE(SUB_PART, 0)) FROM information_schema.STATISTICS"
            + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '" + TABLE + "' GROUP BY INDEX_NAME";
    private static final String TEXTS = "SELECT COLUMN_NAME, CHARACTER_SET_NAME, COLLATION_NAME"
            + " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '" + TABLE
            + "' AND COLUMN_NAME IN ('course_key', 'block_key')";
    private static final String COLUMNS =
            "SELECT id, user_id, course_key, block_key, block_type, completion, created, modified FROM " + TABLE;

    private final String name;
    private final Connection connection;
    private final PreparedStatement end;
    private final PreparedStatement range;
    private final PreparedStatement row;

    private ComparedTable(String name, Connection connection) throws SQLException {
        this.name = name;
        this.connection = connection;
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION TRANSACTION READ ONLY");
        }
        Map<String, String> indexes = indexes();
        String byUser = indexes.getOrDefault("user", "");
        end = connection.prepareStatement(
                "SELECT user_id FROM " + TABLE + byUser + " WHERE user_id > ? ORDER BY user_id LIMIT 1 OFFSET ?");
        range = connection.prepareStatement(COLUMNS + byUser + " WHERE user_id > ? AND user_id <= ?");
        Map<String, String> texts = texts();
        row = connection.prepareStatement(COLUMNS + indexes.get("row") + " WHERE user_id = ?" + texts.get("course_key")
                + texts.get("block_key") + " LIMIT 1");
    }

    /** Connects, and throws {@link UnfitSchemaException} where the table can't be compared. */
    static ComparedTable open(DatabaseSettings settings) throws SQLException {
        Connection connection = JdbcAddress.of(settings).connect();
        try {
            return new ComparedTable(String.valueOf(settings.requiredUri()), connection);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** By name they are forced: the statistics of a table that is young, or of one long unanalysed, mislead. */
    private Map<String, String> indexes() throws SQLException {
        Map<String, String> hints = new HashMap<>();
        boolean any = false;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(INDEXES)) {
            while (rows.next()) {
                any = true;
                String[] columns = rows.getString(2).split(",", -1);
                String hint = " FORCE INDEX (`" + rows.getString(1).replace("`", "``") + "`)";
                if (rows.getInt(4) == 0 && rows.getInt(3) == 0 && columns.length == 3 && ROW.equals(Set.of(columns))) {
                    hints.put("row", hint);
                }
                if (columns[0].equals("user_id")) {
                    hints.put("user", hint);
                }
            }
        }
        if (!any) {
            throw new UnfitSchemaException("the table " + TABLE + " is missing, or may not be read, in " + name);
        }
        if (!hints.containsKey("row")) {
            throw new UnfitSchemaException(
                    "the table " + TABLE + " in " + name + " has no unique key on (course_key, block_key, user_id)");
        }
        return hints;
    }

    /** Compared as the column does, and never with what its charset would make question marks of. */
    private Map<String, String> texts() throws SQLException {
        Map<String, String> conditions = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(TEXTS)) {
            while (rows.next()) {
                String column = rows.getString(1);
                String charset = String.valueOf(rows.getString(2));
                String collation = String.valueOf(rows.getString(3));
                if (rows.getString(2) == null
                        || !NAME.matcher(charset + collation).matches()) {
                    throw new UnfitSchemaException(
                            "the column " + column + " of " + TABLE + " in " + name + " holds no text");
                }
                conditions.put(
                        column,
                        " AND " + column + " = CONVERT(? USING " + charset + ") COLLATE " + collation + " AND "
                                + KeyColumn.holds(charset, "?"));
            }
        }
        return conditions;
    }

    /** Returns the least and the greatest learner; null: the table is empty. */
    long @Nullable [] learners() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT MIN(user_id), MAX(user_id) FROM " + TABLE)) {
            rows.next();
            long[] both = {rows.getLong(1), rows.getLong(2)};
            return rows.wasNull() ? null : both;
        }
    }

    /** Returns the learner who has the row so many after that learner's; the greatest number: there are fewer. */
    long end(long after, int rows) throws SQLException {
        end.setLong(1, after);
        end.setInt(2, rows);
        try (ResultSet found = end.executeQuery()) {
            return found.next() ? found.getLong(1) : Long.MAX_VALUE;
        }
    }

    /** Returns all rows of the learners after one and up to another. */
    List<ComparedRow> rows(long after, long upTo) throws SQLException {
        range.setLong(1, after);
        range.setLong(2, upTo);
        try (ResultSet found = range.executeQuery()) {
            List<ComparedRow> rows = new ArrayList<>();
            while (found.next()) {
                rows.add(read(found));
            }
            return rows;
        }
    }

    /** Returns the row whose key the table holds equal to that one; null: there is none. */
    @Nullable
    ComparedRow row(RowKey key) throws SQLException {
        row.setLong(1, key.userId());
        int parameter = 2;
        for (String text : List.of(key.courseKey(), key.blockKey())) {
            for (int i = 0; i < 3; i++) {
                row.setString(parameter++, text);
            }
        }
        try (ResultSet found = row.executeQuery()) {
            return found.next() ? read(found) : null;
        }
    }

    private static ComparedRow read(ResultSet found) throws SQLException {
        return new ComparedRow(
                found.getLong(1),
                new RowKey(found.getLong(2), found.getString(3), found.getString(4)),
                found.getString(5),
                found.getDouble(6),
                micros(found, 7),
                micros(found, 8));
    }

    private static long micros(ResultSet found, int column) throws SQLException {
        LocalDateTime time = found.getObject(column, LocalDateTime.class);
        return time == null ? 0 : SqlTime.micros(time);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
