package dev.writebehind.store;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The variables that a connection sets for itself, so that no default of the server, of its operator, of
 * {@code init_connect} or of a proxy decides what is written; and what it reads back, because a proxy may keep a
 * setting to itself. Immutable.
 *
 * @param isolation of its transactions
 * @param tableWaitSeconds how long a statement waits for a table's lock
 * @param rowWaitSeconds and for a row's
 * @param idleSeconds after which silence of the client the server ends the session, also within a transaction
 */
record SessionVariables(String isolation, int tableWaitSeconds, int rowWaitSeconds, int idleSeconds) {
    private static final String CHARSET = "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci";
    private static final String SQL_MODE = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION";

    /** The servers' default; some close sessions after a second, which a migration's other session outlasts. */
    private static final int LONG_SECONDS = 8 * 60 * 60;

    /** Isolation goes by one name on MySQL and, before 11.1, by the other on MariaDB. */
    private static final List<String> ISOLATION = List.of("transaction_isolation", "tx_isolation");

    private static final Map<String, String> EXPECTED = Map.ofEntries(
            Map.entry("autocommit", "ON"),
            Map.entry("character_set_client", "utf8mb4"),
            Map.entry("character_set_connection", "utf8mb4"),
            Map.entry("character_set_results", "utf8mb4"),
            Map.entry("collation_connection", "utf8mb4_unicode_ci"),
            Map.entry("completion_type", "NO_CHAIN"),
            Map.entry("foreign_key_checks", "ON"),
            Map.entry("sql_auto_is_null", "OFF"),
            Map.entry("sql_mode", SQL_MODE),
            Map.entry("sql_safe_updates", "OFF"),
            Map.entry("time_zone", "+00:00"),
            Map.entry("unique_checks", "ON"));

    SessionVariables(String isolation, int tableWaitSeconds, int rowWaitSeconds) {
        this(isolation, tableWaitSeconds, rowWaitSeconds, LONG_SECONDS);
    }

    /** Returns these variables for a session that ends after that silence. */
    SessionVariables endingAfter(int seconds) {
        return new SessionVariables(isolation, tableWaitSeconds, rowWaitSeconds, seconds);
    }

    /**
     * Returns the statements that set everything. Their comments are read by one of the servers alone:
     * {@code max_execution_time} is MySQL's, and so is the expiry, without which it tells a day-old state of the ids;
     * {@code max_statement_time} is MariaDB's.
     */
    List<String> statements() {
        return List.of(
                CHARSET,
                "SET SESSION autocommit = 1, completion_type = 0, time_zone = '+00:00', sql_mode = '" + SQL_MODE
                        + "', sql_safe_updates = 0, sql_auto_is_null = 0, sql_big_selects = 1,"
                        + " sql_select_limit = 18446744073709551615, max_join_size = 18446744073709551615,"
                        + " group_concat_max_len = 1048576, sql_quote_show_create = 1, foreign_key_checks = 1,"
                        + " unique_checks = 1, lock_wait_timeout = " + tableWaitSeconds
                        + ", innodb_lock_wait_timeout = " + rowWaitSeconds + ", wait_timeout = " + idleSeconds
                        + ", lc_messages = 'en_US'"
                        + " /*!80000 , max_execution_time = 0, information_schema_stats_expiry = 0 */"
                        + " /*M! , max_statement_time = 0 */",
                "SET SESSION TRANSACTION ISOLATION LEVEL " + isolation + ", READ WRITE");
    }

    /** Returns a query of what the server has, each row a name and its value. */
    String readBack() {
        return "SHOW SESSION VARIABLES WHERE Variable_name IN ('" + String.join("','", EXPECTED.keySet()) + "','"
                + String.join("','", ISOLATION) + "')";
    }

    /** Throws {@link UnfitSchemaException} where the server has anything else than what was set. */
    void verify(Map<String, String> actual) {
        StringBuilder other = new StringBuilder();
        new TreeMap<>(actual).forEach((name, value) -> {
            String expected = ISOLATION.contains(name) ? isolation.replace(' ', '-') : EXPECTED.get(name);
            if (!value.equalsIgnoreCase(expected)) {
                other.append(other.isEmpty() ? "" : ", ")
                        .append(name)
                        .append(" is ")
                        .append(value)
                        .append(" instead of ")
                        .append(expected);
            }
        });
        if (!other.isEmpty()) {
            throw new UnfitSchemaException("the session is not as it was set, does a proxy filter SET?: " + other);
        }
    }
}
