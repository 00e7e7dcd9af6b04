package dev.writebehind.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The check that the table's columns keep what is written to them, as Open edX's do. Stateless. */
final class ColumnCheck {
    private static final String TABLE = UpsertStatements.TABLE;

    /** A NULL in one of these would make the guard of each later write false, silently. */
    private static final Set<String> GUARDING = Set.of("completion", "modified", "created");

    private static final Set<String> WHOLE = Set.of("int", "bigint");

    /**
     * A column; immutable.
     *
     * @param type in lower case, with lengths and attributes: {@code bigint(20) unsigned}
     * @param precision digits of a second's fraction
     * @param extra in lower case: {@code auto_increment}, {@code on update current_timestamp(6)}
     */
    private record Column(
            String name,
            String base,
            String type,
            int precision,
            long length,
            boolean nullable,
            boolean hasDefault,
            boolean generated,
            String extra,
            @Nullable String charset,
            @Nullable String collation) {}

    private ColumnCheck() {}

    /** Returns what is wrong, or that nothing is; none where the table is not there. */
    static List<Finding> findings(Connection connection) throws SQLException {
        Map<String, Column> columns = columns(connection);
        List<Finding> findings = new ArrayList<>();
        if (columns.isEmpty()) {
            return findings;
        }
        id(columns.get("id"), findings);
        time("created", columns.get("created"), findings);
        time("modified", columns.get("modified"), findings);
        text("course_key", 255, columns.get("course_key"), findings);
        text("block_key", 255, columns.get("block_key"), findings);
        text("block_type", 64, columns.get("block_type"), findings);
        number("completion", "DOUBLE", columns.get("completion"), findings);
        number("user_id", "INT", columns.get("user_id"), findings);
        if (findings.stream().allMatch(Finding::fit)) {
            findings.add(Finding.ok("the columns of " + TABLE + " are as expected"));
        }
        others(connection, columns, findings);
        collations(connection, columns, findings);
        return findings;
    }

    private static void id(@Nullable Column id, List<Finding> findings) {
        if (id == null || !WHOLE.contains(id.base()) || !id.extra().contains("auto_increment")) {
            findings.add(wrong("id", id, "BIGINT NOT NULL AUTO_INCREMENT"));
        }
    }

    /**
     * A coarser time is rounded, also up: the guard would then hold the row for newer than the next write, and drop
     * that one.
     */
    private static void time(String name, @Nullable Column column, List<Finding> findings) {
        if (column == null || !column.base().equals("datetime") || column.precision() != 6) {
            findings.add(wrong(name, column, "DATETIME(6) NOT NULL"));
        } else {
            common(column, "DATETIME(6) NOT NULL", findings);
        }
    }

    private static void text(String name, int length, @Nullable Column column, List<Finding> findings) {
        String right = "VARCHAR(" + length + ") NOT NULL";
        if (column == null || !column.base().equals("varchar")) {
            findings.add(wrong(name, column, right));
            return;
        }
        if (column.collation() != null) {
            right = "VARCHAR(" + length + ") CHARACTER SET " + column.charset() + " COLLATE " + column.collation()
                    + " NOT NULL";
        }
        if (column.length() < length) {
            findings.add(Finding.note(
                    name + " is " + column.type() + ": what is longer becomes a dead letter; " + alter(name, right)));
        }
        common(column, right, findings);
    }

    private static void number(String name, String right, @Nullable Column column, List<Finding> findings) {
        boolean fits = column != null
                && (name.equals("user_id")
                        ? WHOLE.contains(column.base())
                        : column.type().matches("double( unsigned)?( zerofill)?"));
        if (column == null || !fits) {
            findings.add(wrong(name, column, right + " NOT NULL"));
        } else {
            common(column, right + " NOT NULL", findings);
        }
    }

    private static void common(Column column, String right, List<Finding> findings) {
        if (column.generated()) {
            findings.add(Finding.unfit(
                    column.name() + " is a generated column, which nobody can write: " + alter(column.name(), right)));
        } else if (column.extra().contains("on update")) {
            findings.add(Finding.unfit(
                    column.name() + " changes by itself (" + column.extra() + "): " + alter(column.name(), right)));
        } else if (column.nullable()) {
            String text = column.name() + " may be NULL: " + alter(column.name(), right);
            findings.add(GUARDING.contains(column.name()) ? Finding.unfit(text) : Finding.note(text));
        }
    }

    /** Columns that are not ours: where one must be given, no new row can be written. */
    private static void others(Connection connection, Map<String, Column> columns, List<Finding> findings)
            throws SQLException {
        Set<String> ours =
                Set.of("id", "created", "modified", "course_key", "block_key", "block_type", "completion", "user_id");
        List<String> needed = columns.values().stream()
                .filter(column -> !ours.contains(column.name()))
                .filter(column -> !column.nullable() && !column.hasDefault() && !column.generated())
                .map(Column::name)
                .toList();
        if (needed.isEmpty()) {
            return;
        }
        String text = "new rows lack a value for " + String.join(", ", needed)
                + ", which Open edX's table does not have: give it a default (ALTER TABLE " + TABLE
                + " ALTER COLUMN … SET DEFAULT …)";
        findings.add(
                hasInsertTrigger(connection) ? Finding.note(text + ", unless a trigger sets it") : Finding.unfit(text));
    }

    private static void collations(Connection connection, Map<String, Column> columns, List<Finding> findings)
            throws SQLException {
        List<String> collations = new ArrayList<>();
        for (String name : List.of("course_key", "block_key")) {
            Column column = columns.get(name);
            if (column == null || column.charset() == null || column.collation() == null) {
                continue;
            }
            if (!collations.contains(column.collation())) {
                findings.add(collation(connection, column.charset(), column.collation()));
            }
            if (!column.charset().equals("utf8mb4")) {
                findings.add(Finding.note(name + " is " + column.charset()
                        + ", which does not hold every letter: such keys become dead letters"));
            }
            collations.add(column.collation());
        }
        if (collations.size() == 2 && !collations.get(0).equals(collations.get(1))) {
            findings.add(Finding.note("course_key has the collation " + collations.get(0) + ", but block_key "
                    + collations.get(1) + ": was the table converted halfway?"));
        }
    }

    private static Finding collation(Connection connection, String charset, String collation) throws SQLException {
        try {
            KeyColumn column = new KeyColumn(charset, collation);
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(column.asciiQuery())) {
                return rows.next() && rows.getInt(1) == 1
                        ? Finding.ok("the key columns have the collation " + collation)
                        : Finding.unfit(column.asciiRefusal());
            }
        } catch (UnfitSchemaException e) {
            return Finding.unfit(String.valueOf(e.getMessage()));
        }
    }

    private static Finding wrong(String name, @Nullable Column column, String right) {
        return Finding.unfit(
                column == null
                        ? "the column " + name + " is missing: is this Open edX's table?"
                        : name + " is " + column.type()
                                + (column.extra().isEmpty() ? "" : " " + column.extra()) + ", not " + right + ": "
                                + alter(name, right));
    }

    private static String alter(String name, String right) {
        return "ALTER TABLE " + TABLE + " MODIFY " + name + " " + right;
    }

    private static boolean hasInsertTrigger(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT 1 FROM information_schema.TRIGGERS"
                + " WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = ?"
                + " AND EVENT_MANIPULATION = 'INSERT' AND ACTION_TIMING = 'BEFORE'")) {
            statement.setString(1, TABLE);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    private static Map<String, Column> columns(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE,"
                + " DATETIME_PRECISION, CHARACTER_MAXIMUM_LENGTH, IS_NULLABLE, COLUMN_DEFAULT, GENERATION_EXPRESSION,"
                + " EXTRA, CHARACTER_SET_NAME, COLLATION_NAME FROM information_schema.COLUMNS"
                + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION")) {
            statement.setString(1, TABLE);
            try (ResultSet rows = statement.executeQuery()) {
                Map<String, Column> columns = new LinkedHashMap<>();
                while (rows.next()) {
                    Column column = column(rows);
                    columns.put(column.name(), column);
                }
                return columns;
            }
        }
    }

    private static Column column(ResultSet row) throws SQLException {
        String expression = row.getString("GENERATION_EXPRESSION");
        return new Column(
                lower(row.getString("COLUMN_NAME")),
                lower(row.getString("DATA_TYPE")),
                lower(row.getString("COLUMN_TYPE")),
                row.getInt("DATETIME_PRECISION"),
                row.getLong("CHARACTER_MAXIMUM_LENGTH"),
                row.getString("IS_NULLABLE").equalsIgnoreCase("YES"),
                row.getString("COLUMN_DEFAULT") != null
                        || lower(row.getString("EXTRA")).contains("auto_increment"),
                expression != null && !expression.isEmpty(),
                lower(row.getString("EXTRA")),
                row.getString("CHARACTER_SET_NAME"),
                row.getString("COLLATION_NAME"));
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }
}
