package dev.writebehind.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The check that the table's keys are what the upsert needs: by their columns, never by their names. Another unique
 * key would refuse rows that direct writes could not have added either, or that nobody expects it to. Stateless.
 */
final class KeyCheck {
    private static final String TABLE = UpsertStatements.TABLE;
    private static final Set<String> KEY = Set.of("course_key", "block_key", "user_id");
    private static final String KEY_TEXT = "(course_key, block_key, user_id)";

    /**
     * A key of the table; immutable.
     *
     * @param parts its columns in lower case; with a prefix's length in brackets, or an expression, where it has one
     * @param hiddenBy how the server was told not to look rows up by it; empty: it does
     */
    private record Key(String name, boolean unique, String hiddenBy, List<String> parts) {
        /** In which order does not matter: every statement compares all three. */
        boolean isTheKey() {
            return unique && parts.size() == KEY.size() && Set.copyOf(parts).equals(KEY);
        }

        /** A generated id is new, so that no key with the whole of it is met by chance. */
        boolean hasGeneratedId() {
            return parts.contains("id");
        }

        boolean usable() {
            return hiddenBy.isEmpty();
        }

        boolean startsWith(List<String> columns) {
            return parts.size() >= columns.size()
                    && Set.copyOf(parts.subList(0, columns.size())).equals(Set.copyOf(columns));
        }

        String text() {
            return name + " (" + String.join(", ", parts) + ")";
        }

        String quotedName() {
            return "`" + name.replace("`", "``") + "`";
        }
    }

    private KeyCheck() {}

    static List<Finding> findings(Connection connection) throws SQLException {
        List<Key> keys = keys(connection);
        List<Finding> findings = new ArrayList<>();
        for (Key key : keys) {
            if (key.unique() && !key.isTheKey() && !key.hasGeneratedId()) {
                findings.add(Finding.unfit("the unique key " + key.text() + " would make upserts hit wrong rows: "
                        + (key.name().equals("PRIMARY") ? "make (id) the primary key" : "drop it")));
            }
        }
        List<Key> fitting = keys.stream().filter(Key::isTheKey).toList();
        if (fitting.isEmpty()) {
            findings.add(Finding.unfit("a unique key on " + KEY_TEXT
                    + " is missing, whole columns in any order: ALTER TABLE " + TABLE + " ADD UNIQUE KEY " + KEY_TEXT));
        } else if (fitting.stream().noneMatch(Key::usable)) {
            Key hidden = fitting.get(0);
            findings.add(Finding.unfit("the unique key " + hidden.text()
                    + " is " + hidden.hiddenBy() + ", each flush would read the whole table: "
                    + (hidden.hiddenBy().equals("HASH")
                            ? "make it a BTREE"
                            : "ALTER TABLE " + TABLE + " ALTER INDEX " + hidden.quotedName()
                                    + (hidden.hiddenBy().equals("IGNORED") ? " NOT IGNORED" : " VISIBLE"))));
        } else if (findings.isEmpty()) {
            findings.add(Finding.ok("the unique key " + fitting.get(0).text() + " is there"));
        }
        if (keys.stream().noneMatch(key -> key.usable() && key.startsWith(List.of("user_id", "course_key")))) {
            findings.add(
                    Finding.note("no index begins with (user_id, course_key): reads and resets look through the whole"
                            + " table, and a reset locks it: ALTER TABLE " + TABLE
                            + " ADD KEY (user_id, course_key, modified)"));
        }
        return findings;
    }

    private static List<Key> keys(Connection connection) throws SQLException {
        Map<String, Key> keys = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM information_schema.STATISTICS"
                + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY INDEX_NAME, SEQ_IN_INDEX")) {
            statement.setString(1, TABLE);
            try (ResultSet rows = statement.executeQuery()) {
                Set<String> known = labels(rows);
                while (rows.next()) {
                    String name = rows.getString("INDEX_NAME");
                    boolean unique = rows.getInt("NON_UNIQUE") == 0;
                    String hiddenBy = is(rows, known, "IS_VISIBLE", "NO")
                            ? "INVISIBLE"
                            : is(rows, known, "IGNORED", "YES") ? "IGNORED" : "";
                    String index = rows.getString("INDEX_TYPE");
                    String reason = hiddenBy.isEmpty() && !index.equalsIgnoreCase("BTREE") ? index : hiddenBy;
                    keys.computeIfAbsent(name, each -> new Key(each, unique, reason, new ArrayList<>()))
                            .parts()
                            .add(part(rows, known));
                }
            }
        }
        return List.copyOf(keys.values());
    }

    private static String part(ResultSet rows, Set<String> known) throws SQLException {
        String column = rows.getString("COLUMN_NAME");
        if (column == null) {
            return "(" + (known.contains("EXPRESSION") ? rows.getString("EXPRESSION") : "an expression") + ")";
        }
        String prefix = rows.getString("SUB_PART");
        return column.toLowerCase(Locale.ROOT) + (prefix == null ? "" : "(" + prefix + ")");
    }

    /** Each server knows columns that the other does not have. */
    private static boolean is(ResultSet rows, Set<String> known, String label, String value) throws SQLException {
        return known.contains(label) && value.equalsIgnoreCase(rows.getString(label));
    }

    private static Set<String> labels(ResultSet rows) throws SQLException {
        Set<String> labels = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        ResultSetMetaData data = rows.getMetaData();
        for (int i = 1; i <= data.getColumnCount(); i++) {
            labels.add(data.getColumnLabel(i));
        }
        return labels;
    }
}
