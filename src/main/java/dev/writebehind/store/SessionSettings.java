package dev.writebehind.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What every connection sets for itself, so that no default of the server, of its operator or of a proxy decides what
 * is written; and what it reads back, because a proxy may keep a setting to itself. Stateless.
 */
final class SessionSettings {
    /**
     * Lock waits are short, because what waits is found out and left to a later flush. The comments are statements to
     * one of the servers alone: {@code max_execution_time} is MySQL's, and
     * so is the expiry, without which it tells a day-old state of the ids; {@code max_statement_time} MariaDB's.
     */
    private static final String VARIABLES = "SET SESSION autocommit = 1, completion_type = 0, time_zone = '+00:00',"
            + " sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', sql_safe_updates = 0, sql_auto_is_null = 0,"
            + " sql_big_selects = 1, sql_select_limit = 18446744073709551615, foreign_key_checks = 1,"
            + " unique_checks = 1, lock_wait_timeout = 5, innodb_lock_wait_timeout = 1, lc_messages = 'en_US'"
            + "/*!80000 , max_execution_time = 0, information_schema_stats_expiry = 0 *//*M! , max_statement_time = 0 */";

    private static final String CHARSET = "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci";
    private static final String TRANSACTIONS = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE";

    private static final Map<String, String> EXPECTED = expected();
    private static final String READ_BACK = "SHOW SESSION VARIABLES WHERE Variable_name IN ("
            + EXPECTED.keySet().stream().map(name -> "'" + name + "'").collect(Collectors.joining(", ")) + ")";

    private SessionSettings() {}

    /** Sets everything, and fails with {@link UnfitSchemaException} where the server says that it is otherwise. */
    static Future<Void> apply(SqlConnection connection) {
        return connection
                .query(CHARSET)
                .execute()
                .compose(set -> connection.query(VARIABLES).execute())
                .compose(set -> connection.query(TRANSACTIONS).execute())
                .compose(set -> connection.query(READ_BACK).execute())
                .map(SessionSettings::verify)
                .mapEmpty();
    }

    private static RowSet<Row> verify(RowSet<Row> rows) {
        for (Row row : rows) {
            String name = row.getString(0).toLowerCase(Locale.ROOT);
            String found = row.getString(1);
            String wanted = EXPECTED.getOrDefault(name, found);
            if (!found.equalsIgnoreCase(wanted)) {
                throw new UnfitSchemaException("the session has " + name + " = " + found + " although it was set to "
                        + wanted + ": does a proxy keep it from the server?");
            }
        }
        return rows;
    }

    /** Isolation goes by one name on MySQL and, before 11.1, by the other on MariaDB. */
    private static Map<String, String> expected() {
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("autocommit", "ON");
        expected.put("completion_type", "NO_CHAIN");
        expected.put("time_zone", "+00:00");
        expected.put("sql_mode", "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION");
        expected.put("sql_safe_updates", "OFF");
        expected.put("character_set_client", "utf8mb4");
        expected.put("character_set_connection", "utf8mb4");
        expected.put("character_set_results", "utf8mb4");
        expected.put("collation_connection", "utf8mb4_unicode_ci");
        expected.put("transaction_isolation", "READ-COMMITTED");
        expected.put("tx_isolation", "READ-COMMITTED");
        return Map.copyOf(expected);
    }
}
