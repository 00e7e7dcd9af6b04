package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

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
 * A table of the service's own that is there with a setting alone: its creation and its check. Immutable; blocks on the
 * database.
 *
 * <p>It is no migration of Flyway's: one that was applied, or passed over, once would say nothing of whether the table
 * is there when the setting is turned on.
 *
 * @param script where the statement is that creates it
 * @param setting what needs it
 * @param withoutInnoDb what would be wrong with another engine
 * @param columns its columns' types, as the server names them without lengths
 * @param privileges what the user must be allowed, each with a statement whose EXPLAIN tells
 */
record OwnTable(
        String name,
        String script,
        String setting,
        String withoutInnoDb,
        Map<String, String> columns,
        Map<String, String> privileges) {
    private static final int ACCESS_DENIED = 1142;

    OwnTable {
        requireNonNull(name, "name");
    }

    /** Returns pairs of names and what is said of them, in that order. */
    static Map<String, String> pairs(String... namesAndTexts) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            pairs.put(namesAndTexts[i], namesAndTexts[i + 1]);
        }
        return pairs;
    }

    /** Creates it where it is missing; returns whether it was. */
    boolean create(Connection connection) throws SQLException {
        if (engine(connection) != null) {
            return false;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(Resources.text(script));
        }
        return true;
    }

    /** Returns the SQL by which {@link #create} would. */
    List<String> plan(Connection connection) throws SQLException {
        return engine(connection) == null ? List.of(Resources.text(script).strip()) : List.of();
    }

    /** Returns what was found of it on a session of {@link JdbcSession}. */
    List<Finding> findings(Connection connection) throws SQLException {
        String engine = engine(connection);
        if (engine == null) {
            return List.of(Finding.unfit("the table " + name + " is missing, which " + setting
                    + " needs: run the command migrate, or set database.migrate: true"));
        }
        List<Finding> findings = new ArrayList<>();
        if (!engine.equalsIgnoreCase("InnoDB")) {
            findings.add(Finding.unfit("the engine of " + name + " is " + engine + ", " + withoutInnoDb
                    + ": ALTER TABLE " + name + " ENGINE = InnoDB"));
        }
        Map<String, String> actual = actualColumns(connection);
        if (!actual.equals(columns)) {
            findings.add(Finding.unfit("the columns of " + name + " are " + actual + ", and not " + columns
                    + ": drop it once it is empty, and run the command migrate"));
        }
        List<String> missing = new ArrayList<>();
        privileges.forEach((privilege, statement) -> {
            if (isDenied(connection, "EXPLAIN " + statement)) {
                missing.add(privilege);
            }
        });
        if (!missing.isEmpty()) {
            String names = String.join(", ", missing);
            findings.add(Finding.unfit("the user may not " + names + " in " + name + ": GRANT " + names + " ON "
                    + connection.getCatalog() + "." + name));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("the table " + name + " is there, and the user may "
                    + String.join(" and ", privileges.keySet()) + " there"));
        }
        return findings;
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
    private @Nullable String engine(Connection connection) throws SQLException {
        Map<String, String> found = ask(
                connection,
                "SELECT TABLE_NAME, COALESCE(ENGINE, TABLE_TYPE) FROM information_schema.TABLES"
                        + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?");
        return found.isEmpty() ? null : found.values().iterator().next();
    }

    private Map<String, String> actualColumns(Connection connection) throws SQLException {
        return ask(
                connection,
                "SELECT COLUMN_NAME, CONCAT(DATA_TYPE, IF(DATETIME_PRECISION IS NULL, '',"
                        + " CONCAT('(', DATETIME_PRECISION, ')')), IF(EXTRA LIKE '%auto_increment%', ' auto_increment',"
                        + " '')) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?"
                        + " ORDER BY ORDINAL_POSITION");
    }

    private Map<String, String> ask(Connection connection, String sql) throws SQLException {
        Map<String, String> found = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.put(
                            rows.getString(1).toLowerCase(Locale.ROOT),
                            String.valueOf(rows.getString(2)).toLowerCase(Locale.ROOT));
                }
            }
        }
        return found;
    }
}
