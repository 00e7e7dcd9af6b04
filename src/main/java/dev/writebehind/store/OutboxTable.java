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
import org.jspecify.annotations.Nullable;

/**
 * The table of what is to be announced: its creation and its check. Stateless; blocks on the database.
 *
 * <p>It is no migration of Flyway's, for it is there with a setting alone: one that was applied, or passed over, once
 * would say nothing of whether the table is there when the setting is turned on.
 */
final class OutboxTable {
    static final String NAME = "completion_writebehind_outbox";

    private static final String SCRIPT = "schema/outbox/create_" + NAME + ".sql";
    private static final int ACCESS_DENIED = 1142;
    private static final String TEXT = "the table " + NAME;

    /** The columns, as the server names their types without lengths. */
    private static final Map<String, String> COLUMNS = columns();

    private OutboxTable() {}

    /** Creates it where it is missing; returns whether it was. */
    static boolean create(Connection connection) throws SQLException {
        if (engine(connection) != null) {
            return false;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(Resources.text(SCRIPT));
        }
        return true;
    }

    /** Returns the SQL by which {@link #create} would. */
    static List<String> plan(Connection connection) throws SQLException {
        return engine(connection) == null ? List.of(Resources.text(SCRIPT).strip()) : List.of();
    }

    /** Returns what was found of it on a session of {@link JdbcSession}. */
    static List<Finding> findings(Connection connection) throws SQLException {
        String engine = engine(connection);
        if (engine == null) {
            return List.of(Finding.unfit(TEXT + " is missing, which openedx.announce needs: run the command migrate,"
                    + " or set database.migrate: true"));
        }
        List<Finding> findings = new ArrayList<>();
        if (!engine.equalsIgnoreCase("InnoDB")) {
            findings.add(Finding.unfit("the engine of " + NAME + " is " + engine
                    + ", by which its entries would not come and go with their rows: ALTER TABLE " + NAME
                    + " ENGINE = InnoDB"));
        }
        if (!actualColumns(connection).equals(COLUMNS)) {
            findings.add(Finding.unfit("the columns of " + NAME + " are " + actualColumns(connection) + ", and not "
                    + COLUMNS + ": drop it once it is empty, and run the command migrate"));
        }
        privileges(connection, findings);
        if (findings.isEmpty()) {
            findings.add(Finding.ok(TEXT + " is there, and the user may SELECT and INSERT there"));
        }
        return findings;
    }

    private static void privileges(Connection connection, List<Finding> findings) throws SQLException {
        List<String> missing = new ArrayList<>();
        if (isDenied(connection, "EXPLAIN SELECT * FROM " + NAME + " WHERE FALSE")) {
            missing.add("SELECT");
        }
        if (isDenied(connection, "EXPLAIN INSERT INTO " + NAME + " (id) VALUES (1)")) {
            missing.add("INSERT");
        }
        if (!missing.isEmpty()) {
            String names = String.join(", ", missing);
            findings.add(Finding.unfit("the user may not " + names + " in " + NAME + ": GRANT " + names + " ON "
                    + connection.getCatalog() + "." + NAME));
        }
    }

    private static boolean isDenied(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return false;
        } catch (SQLException e) {
            return e.getErrorCode() == ACCESS_DENIED;
        }
    }

    /** Returns its engine; null: there is no such table, or none that the user may see. */
    private static @Nullable String engine(Connection connection) throws SQLException {
        Map<String, String> found = pairs(
                connection,
                "SELECT TABLE_NAME, COALESCE(ENGINE, TABLE_TYPE) FROM information_schema.TABLES"
                        + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?");
        return found.isEmpty() ? null : found.values().iterator().next();
    }

    private static Map<String, String> actualColumns(Connection connection) throws SQLException {
        return pairs(
                connection,
                "SELECT COLUMN_NAME, CONCAT(DATA_TYPE, IF(DATETIME_PRECISION IS NULL, '',"
                        + " CONCAT('(', DATETIME_PRECISION, ')')), IF(EXTRA LIKE '%auto_increment%', ' auto_increment',"
                        + " '')) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?"
                        + " ORDER BY ORDINAL_POSITION");
    }

    private static Map<String, String> pairs(Connection connection, String sql) throws SQLException {
        Map<String, String> pairs = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, NAME);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    pairs.put(
                            rows.getString(1).toLowerCase(Locale.ROOT),
                            String.valueOf(rows.getString(2)).toLowerCase(Locale.ROOT));
                }
            }
        }
        return pairs;
    }

    private static Map<String, String> columns() {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("id", "bigint auto_increment");
        columns.put("completion_id", "bigint");
        columns.put("user_id", "int");
        columns.put("is_new", "tinyint");
        columns.put("modified", "datetime(6)");
        return columns;
    }
}
