package dev.writebehind.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The check of what the database's user may do. What serving needs is asked of the server itself, by EXPLAIN, which
 * changes nothing and locks nothing; what the other commands need is read from the grants, and missing it is no fault:
 * they may be run as another user. Stateless.
 */
final class PrivilegeCheck {
    private static final String TABLE = UpsertStatements.TABLE;
    private static final int TABLE_ACCESS_DENIED = 1142;

    private static final Map<String, String> SERVING = serving();

    private PrivilegeCheck() {}

    static List<Finding> findings(Connection connection) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, String> privilege : SERVING.entrySet()) {
            if (!isAllowed(connection, privilege.getValue())) {
                missing.add(privilege.getKey());
            }
        }
        findings.add(
                missing.isEmpty()
                        ? Finding.ok("the user may " + String.join(", ", SERVING.keySet()) + " there")
                        : Finding.unfit("the user may not " + String.join(", ", missing) + " there: GRANT "
                                + String.join(", ", missing) + " ON " + schema(connection) + "." + TABLE));
        findings.add(others(connection));
        return findings;
    }

    /** Where a statement fails for any other reason than its privileges, that is not for this check to say. */
    private static boolean isAllowed(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return true;
        } catch (SQLException e) {
            return e.getErrorCode() != TABLE_ACCESS_DENIED;
        }
    }

    private static Finding others(Connection connection) throws SQLException {
        String schema = schema(connection);
        List<String> grants = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW GRANTS")) {
            while (rows.next()) {
                grants.add(rows.getString(1));
            }
        }
        Grants granted = new Grants(grants);
        Map<String, List<String>> needs = new LinkedHashMap<>();
        List<String> locks = List.of("ALTER " + TABLE, "LOCK TABLES " + TABLE, "SELECT " + ForeignKey.USER_TABLE);
        needs.put(
                "migrate",
                Stream.concat(Stream.of("CREATE " + TABLE), locks.stream()).toList());
        needs.put(
                "undo",
                Stream.concat(locks.stream(), Stream.of("REFERENCES " + ForeignKey.USER_TABLE))
                        .toList());
        needs.put("purge-orphans", List.of("SELECT " + ForeignKey.USER_TABLE));
        List<String> texts = new ArrayList<>();
        needs.forEach((command, wanted) -> {
            List<String> lacking = wanted.stream()
                    .filter(each -> {
                        int table = each.lastIndexOf(' ');
                        return !granted.allow(each.substring(0, table), schema, each.substring(table + 1));
                    })
                    .map(each -> each.replaceFirst(" (?=\\S+$)", " on "))
                    .toList();
            texts.add(lacking.isEmpty() ? command + ": enough" : command + ": lacks " + String.join(", ", lacking));
        });
        return Finding.ok("its grants for the other commands: " + String.join("; ", texts));
    }

    private static String schema(Connection connection) throws SQLException {
        return connection.getCatalog();
    }

    private static Map<String, String> serving() {
        Map<String, String> statements = new LinkedHashMap<>();
        statements.put("SELECT", "EXPLAIN SELECT * FROM " + TABLE + " WHERE FALSE");
        statements.put("INSERT", "EXPLAIN INSERT INTO " + TABLE + " (id) VALUES (1)");
        statements.put("UPDATE", "EXPLAIN UPDATE " + TABLE + " SET completion = 1 WHERE id = 0");
        statements.put("DELETE", "EXPLAIN DELETE FROM " + TABLE + " WHERE id = 0");
        return statements;
    }
}
