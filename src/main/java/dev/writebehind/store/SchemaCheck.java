package dev.writebehind.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Looks whether a database is fit for the upsert: by what its keys are, never by their names. Stateless. */
final class SchemaCheck {
    private static final String TABLE = UpsertStatements.TABLE;

    private static final Map<String, String> COLUMNS = columns();

    private SchemaCheck() {}

    static List<Finding> findings(Connection connection) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        findings.add(server(connection));
        Map<String, String> columns = pairs(
                connection,
                "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS"
                        + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?");
        if (columns.isEmpty()) {
            findings.add(new Finding(false, "the table " + TABLE + " is missing: run the command migrate"));
            return findings;
        }
        findings.add(columns(columns));
        findings.addAll(collations(connection));
        findings.addAll(uniqueKeys(connection));
        findings.addAll(foreignKeys(connection));
        findings.add(size(connection));
        findings.addAll(PrivilegeCheck.findings(connection));
        return findings;
    }

    private static Finding server(Connection connection) throws SQLException {
        String version = connection.getMetaData().getDatabaseProductVersion();
        try {
            return new Finding(true, "the server is " + Dialect.of(version) + " " + version);
        } catch (UnfitSchemaException e) {
            return new Finding(false, String.valueOf(e.getMessage()));
        }
    }

    private static Finding columns(Map<String, String> actual) {
        List<String> wrong = new ArrayList<>();
        COLUMNS.forEach((name, type) -> {
            String found = actual.get(name);
            if (found == null) {
                wrong.add(name + " is missing");
            } else if (!found.toLowerCase(Locale.ROOT).matches(type)) {
                wrong.add(name + " is " + found);
            }
        });
        return wrong.isEmpty()
                ? new Finding(true, "the columns of " + TABLE + " are as expected")
                : new Finding(false, "the columns of " + TABLE + " are not Open edX's: " + String.join(", ", wrong));
    }

    private static List<Finding> collations(Connection connection) throws SQLException {
        Map<String, String> collations = pairs(
                connection,
                "SELECT COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema.COLUMNS"
                        + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?"
                        + " AND COLUMN_NAME IN ('course_key', 'block_key') AND COLLATION_NAME IS NOT NULL");
        List<Finding> findings = new ArrayList<>();
        collations.forEach((collation, charset) -> {
            try {
                findings.add(new Finding(
                        true, "the key columns have the collation " + new KeyColumn(charset, collation).collation()));
            } catch (UnfitSchemaException e) {
                findings.add(new Finding(false, String.valueOf(e.getMessage())));
            }
        });
        return findings;
    }

    /** Exactly one unique key besides the primary key: ON DUPLICATE KEY UPDATE would take any other for a match. */
    private static List<Finding> uniqueKeys(Connection connection) throws SQLException {
        Map<String, String> keys = pairs(
                connection,
                "SELECT INDEX_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) FROM information_schema.STATISTICS"
                        + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND NON_UNIQUE = 0"
                        + " AND INDEX_NAME <> 'PRIMARY' GROUP BY INDEX_NAME");
        List<Finding> findings = new ArrayList<>();
        keys.forEach((name, columns) -> {
            if (!columns.equals("course_key,block_key,user_id")) {
                findings.add(new Finding(
                        false,
                        "the unique key " + name + " (" + columns + ") would make upserts hit wrong rows: drop it"));
            }
        });
        if (!keys.containsValue("course_key,block_key,user_id")) {
            findings.add(new Finding(false, "a unique key on (course_key, block_key, user_id) is missing: add it"));
        } else if (findings.isEmpty()) {
            findings.add(new Finding(true, "the unique key (course_key, block_key, user_id) is there"));
        }
        return findings;
    }

    private static List<Finding> foreignKeys(Connection connection) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (ForeignKey key : ForeignKey.all(connection)) {
            String text = "the foreign key " + key.text() + " makes every write lock a row of " + key.table();
            findings.add(new Finding(
                    false,
                    key.isToUser()
                            ? text + ": run the command migrate, which drops it online"
                            : text + ": drop it by hand, migrate does not"));
        }
        return findings.isEmpty()
                ? List.of(new Finding(true, "no foreign key makes writes wait for another table"))
                : findings;
    }

    private static Finding size(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH FROM information_schema.TABLES"
                        + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?")) {
            statement.setString(1, TABLE);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return new Finding(
                        true,
                        String.format(
                                Locale.ROOT,
                                "the table holds about %,d rows in %,d MiB, and %,d MiB of indexes",
                                rows.getLong(1),
                                rows.getLong(2) >> 20,
                                rows.getLong(3) >> 20));
            }
        }
    }

    private static Map<String, String> pairs(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, TABLE);
            try (ResultSet rows = statement.executeQuery()) {
                Map<String, String> pairs = new LinkedHashMap<>();
                while (rows.next()) {
                    pairs.put(rows.getString(1), rows.getString(2));
                }
                return pairs;
            }
        }
    }

    private static Map<String, String> columns() {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("id", "bigint|int");
        columns.put("created", "datetime");
        columns.put("modified", "datetime");
        columns.put("course_key", "varchar");
        columns.put("block_key", "varchar");
        columns.put("block_type", "varchar");
        columns.put("completion", "double");
        columns.put("user_id", "int|bigint");
        return columns;
    }
}
