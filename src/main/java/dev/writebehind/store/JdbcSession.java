package dev.writebehind.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a JDBC session relies on, set for each one: a server's defaults, {@code init_connect} and
 * {@code skip-character-set-client-handshake} decide it otherwise. Stateless; blocks.
 */
final class JdbcSession {
    private static final String NAMES = "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci";

    /** Not READ COMMITTED: migrations would fail where binlog_format=STATEMENT, before the check can say so. */
    private static final String TRANSACTIONS = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE";

    /** Comments that begin with a version are read by the one or the other server alone. */
    private static final String SETTINGS = "SET SESSION autocommit = 1, completion_type = 0, time_zone = '+00:00',"
            + " sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', sql_safe_updates = 0, sql_auto_is_null = 0,"
            + " sql_select_limit = 18446744073709551615, max_join_size = 18446744073709551615, sql_big_selects = 1,"
            + " group_concat_max_len = 1048576, unique_checks = 1, foreign_key_checks = 1, lock_wait_timeout = 10,"
            + " innodb_lock_wait_timeout = 10, sql_quote_show_create = 1"
            + " /*!80000 , max_execution_time = 0, information_schema_stats_expiry = 0 */"
            + " /*M!100100 , max_statement_time = 0 */";

    private static final Map<String, String> EXPECTED = Map.ofEntries(
            Map.entry("autocommit", "ON"),
            Map.entry("character_set_client", "utf8mb4"),
            Map.entry("character_set_connection", "utf8mb4"),
            Map.entry("character_set_results", "utf8mb4"),
            Map.entry("collation_connection", "utf8mb4_unicode_ci"),
            Map.entry("completion_type", "NO_CHAIN"),
            Map.entry("foreign_key_checks", "ON"),
            Map.entry("sql_auto_is_null", "OFF"),
            Map.entry("sql_mode", "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"),
            Map.entry("sql_safe_updates", "OFF"),
            Map.entry("time_zone", "+00:00"),
            Map.entry("transaction_isolation", "REPEATABLE-READ"),
            Map.entry("tx_isolation", "REPEATABLE-READ"),
            Map.entry("unique_checks", "ON"));

    private JdbcSession() {}

    /** Prepares a connection; throws {@link UnfitSchemaException} where the server does not keep what was set. */
    static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : List.of(NAMES, TRANSACTIONS, SETTINGS)) {
                statement.execute(sql);
            }
            List<String> other = new ArrayList<>();
            actual(statement).forEach((name, value) -> {
                String expected = EXPECTED.get(name);
                if (!value.equalsIgnoreCase(expected)) {
                    other.add(name + " is " + value + " instead of " + expected);
                }
            });
            if (!other.isEmpty()) {
                throw new UnfitSchemaException(
                        "the session is not as it was set, does a proxy filter SET?: " + String.join(", ", other));
            }
        }
    }

    /** Of the two names of the isolation level a server may know one. */
    private static Map<String, String> actual(Statement statement) throws SQLException {
        String names = "'" + String.join("','", EXPECTED.keySet()) + "'";
        try (ResultSet rows = statement.executeQuery("SHOW SESSION VARIABLES WHERE Variable_name IN (" + names + ")")) {
            Map<String, String> actual = new TreeMap<>();
            while (rows.next()) {
                actual.put(rows.getString(1), rows.getString(2));
            }
            return actual;
        }
    }
}
