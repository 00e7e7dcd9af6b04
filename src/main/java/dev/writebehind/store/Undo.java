package dev.writebehind.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The restoration of the foreign key that {@link UserKeyRemoval} dropped, by running
 * {@code schema/undo/add_foreign_key.sql}, which an operator can run by hand as well. Safe for any thread; blocks.
 */
record Undo(OnlineAlter alter) {
    private static final String SCRIPT = "schema/undo/add_foreign_key.sql";

    /** Runs the script and tells what came of it; unfit: the key is not there, or rows are not what it demands. */
    List<Finding> run(Connection connection, boolean keepOrphans) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        OnlineAlter.prepare(connection);
        boolean present = !ForeignKey.toUser(connection).isEmpty();
        if (!present && recorded(connection) == null) {
            findings.add(Finding.unfit("migrate has dropped no foreign key here: there is nothing to add again"));
            return findings;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET @keep_orphans = " + (keepOrphans ? 1 : 0));
        }
        int attempts = 1;
        for (List<String> unit : units()) {
            attempts = Math.max(attempts, alter.run(connection, unit));
        }
        long before = number(connection, "SELECT @orphans");
        long after = number(connection, "SELECT @orphans_now");
        for (ForeignKey key : ForeignKey.toUser(connection)) {
            findings.add(Finding.ok("the foreign key " + key.text() + (present ? " was there already" : " is back")
                    + (attempts > 1 ? ", at attempt " + attempts : "")));
        }
        if (findings.isEmpty()) {
            findings.add(
                    Finding.unfit("the foreign key was not added: the users of " + before + " rows no longer exist. Run"
                            + " purge-orphans first, or add --keep-orphans: old rows are then never checked"));
        } else if (after > 0) {
            findings.add(Finding.of(
                    keepOrphans,
                    "the users of " + after + " rows no longer exist; the key does not check rows that were there"
                            + " before it: run purge-orphans"));
        } else {
            findings.add(Finding.ok("every row has its user"));
        }
        return findings;
    }

    /** Returns what {@link #run} would do now: the whole script, and the statement that it finds recorded. */
    static List<String> plan(Connection connection) throws SQLException {
        List<String> lines = new ArrayList<>(Resources.text(SCRIPT).lines().toList());
        String recorded = recorded(connection);
        lines.add("-- The recorded statement: " + (recorded == null ? "none, so nothing would be added" : recorded));
        return lines;
    }

    /** Each statement of the script by itself, but those from LOCK TABLES to UNLOCK TABLES together. */
    private static List<List<String>> units() {
        String code = Resources.text(SCRIPT)
                .lines()
                .filter(line -> !line.startsWith("--"))
                .collect(Collectors.joining("\n", "", "\n"));
        List<List<String>> units = new ArrayList<>();
        List<String> unit = new ArrayList<>();
        boolean locked = false;
        for (String statement : code.split(";\n", -1)) {
            String sql = statement.strip();
            if (sql.isEmpty()) {
                continue;
            }
            unit.add(sql);
            locked = sql.startsWith("LOCK TABLES") || (locked && !sql.startsWith("UNLOCK TABLES"));
            if (!locked) {
                units.add(List.copyOf(unit));
                unit.clear();
            }
        }
        return units;
    }

    private static @Nullable String recorded(Connection connection) throws SQLException {
        if (number(
                        connection,
                        "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
                                + " AND TABLE_NAME = 'writebehind_dropped_keys'")
                == 0) {
            return null;
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT undo_sql FROM writebehind_dropped_keys ORDER BY id DESC LIMIT 1")) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
