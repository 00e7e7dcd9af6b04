package dev.writebehind.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The check that a database is fit for the upsert: the server, the table, and what the user may do with it. What is
 * refused and why: {@code docs/servers.md}. Stateless.
 */
final class SchemaCheck {
    private static final String TABLE = UpsertStatements.TABLE;
    private static final Set<String> TABLE_TYPES = Set.of("BASE TABLE", "SYSTEM VERSIONED");

    private SchemaCheck() {}

    /** Returns what was found on a session of {@link JdbcSession}. */
    static List<Finding> findings(Connection connection) throws SQLException {
        List<Finding> findings = new ArrayList<>(ServerCheck.findings(connection));
        List<Finding> columns = ColumnCheck.findings(connection);
        if (columns.isEmpty()) {
            findings.add(Finding.unfit("the table " + TABLE + " is missing: run the command migrate"));
            return findings;
        }
        if (!table(connection, findings)) {
            return findings;
        }
        findings.addAll(columns);
        findings.addAll(KeyCheck.findings(connection));
        findings.addAll(foreignKeys(connection));
        triggers(connection, findings);
        findings.addAll(PrivilegeCheck.findings(connection));
        if (findings.stream().allMatch(Finding::fit)) {
            findings.add(IdRange.of(connection).finding());
        }
        return findings;
    }

    /** Returns whether it is a table at all. */
    private static boolean table(Connection connection, List<Finding> findings) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT TABLE_TYPE, ENGINE, CREATE_OPTIONS,"
                + " TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH FROM information_schema.TABLES"
                + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?")) {
            statement.setString(1, TABLE);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                String type = row.getString("TABLE_TYPE");
                if (!TABLE_TYPES.contains(type)) {
                    findings.add(Finding.unfit(TABLE + " is a " + type.toLowerCase(Locale.ROOT)
                            + ", whose keys can't be known: name the schema that has the table in database.uri"));
                    return false;
                }
                String engine = String.valueOf(row.getString("ENGINE"));
                if (!engine.equalsIgnoreCase("InnoDB")) {
                    findings.add(Finding.unfit("the table's engine is " + engine
                            + ", without the transactions that a flush needs: ALTER TABLE " + TABLE
                            + " ENGINE = InnoDB"));
                }
                if (String.valueOf(row.getString("CREATE_OPTIONS")).contains("partitioned")) {
                    findings.add(Finding.note(
                            "the table is partitioned: a row for which there is no partition becomes a dead letter"));
                }
                findings.add(Finding.ok(String.format(
                        Locale.ROOT,
                        "the table holds about %,d rows in %,d MiB, and %,d MiB of indexes",
                        row.getLong("TABLE_ROWS"),
                        row.getLong("DATA_LENGTH") >> 20,
                        row.getLong("INDEX_LENGTH") >> 20)));
                return true;
            }
        }
    }

    private static List<Finding> foreignKeys(Connection connection) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (ForeignKey key : ForeignKey.all(connection)) {
            String text = "the foreign key " + key.text() + " makes every write lock a row of " + key.table();
            findings.add(Finding.unfit(
                    key.isToUser()
                            ? text + ": run the command migrate, which drops it online"
                            : text + ": drop it by hand, migrate does not"));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok("no foreign key makes writes wait for another table"))
                : findings;
    }

    /** What a trigger does is the site's; it runs for the flusher's statements as for the LMS's. */
    private static void triggers(Connection connection, List<Finding> findings) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT TRIGGER_NAME, ACTION_TIMING,"
                + " EVENT_MANIPULATION FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE()"
                + " AND EVENT_OBJECT_TABLE = ? ORDER BY TRIGGER_NAME")) {
            statement.setString(1, TABLE);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1) + " (" + rows.getString(2) + " " + rows.getString(3) + ")");
                }
            }
        }
        if (!names.isEmpty()) {
            findings.add(Finding.note("the table has triggers, which run with every flush and are not known here: "
                    + String.join(", ", names)));
        }
    }
}
