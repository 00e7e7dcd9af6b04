package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.testing.ServerDefaults;
import dev.writebehind.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions that begin as a server's defaults or its init_connect made them. */
class JdbcSessionIT {
    private static final List<String> SPOILT = List.of(
            "SET NAMES utf8mb3",
            "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
            "SET SESSION autocommit = 0, completion_type = 1, time_zone = '+05:45', sql_mode = 'ANSI_QUOTES',"
                    + " sql_safe_updates = 1, sql_auto_is_null = 1, sql_select_limit = 1, max_join_size = 1,"
                    + " group_concat_max_len = 4, unique_checks = 0, foreign_key_checks = 0");

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void prepare_spoiltSession_setsAllThatIsReliedOn() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : SPOILT) {
                statement.execute(sql);
            }
            JdbcSession.prepare(connection);
            assertThat(value(statement, "SELECT @@autocommit")).isEqualTo("1");
            assertThat(value(statement, "SELECT @@sql_select_limit")).isEqualTo("18446744073709551615");
            assertThat(value(statement, "SELECT @@group_concat_max_len")).isEqualTo("1048576");
            assertThat(value(statement, "SELECT @@completion_type")).isIn("0", "NO_CHAIN");
            assertThat(value(statement, "SELECT @@time_zone")).isEqualTo("+00:00");
            statement.execute("CREATE TABLE written (id INT NOT NULL PRIMARY KEY)");
            statement.execute("INSERT INTO written VALUES (1), (2)");
            assertThat(value(statement, "SELECT COUNT(*) FROM written a JOIN written b"))
                    .isEqualTo("4");
        }
        assertThat(database.value("SELECT COUNT(*) FROM written"))
                .as("committed")
                .isEqualTo("2");
    }

    @SuppressWarnings("try") // the defaults are there to be closed
    @Test
    void prepare_serverThatClosesIdleSessions_keepsThisOne() throws Exception {
        try (ServerDefaults ignored = ServerDefaults.set(database, "wait_timeout=1");
                Connection prepared = database.connect();
                Connection asItIs = database.connect();
                Statement statement = prepared.createStatement();
                Statement other = asItIs.createStatement()) {
            JdbcSession.prepare(prepared);
            String id = value(other, "SELECT CONNECTION_ID()");
            while (database.value("SELECT COUNT(*) FROM information_schema.processlist WHERE id = " + id)
                    .equals("1")) {
                Thread.sleep(100);
            }
            assertThat(value(statement, "SELECT 1")).isEqualTo("1");
            assertThatThrownBy(() -> value(other, "SELECT 1")).isInstanceOfSatisfying(SQLException.class, failure -> {
                assertThat(Schema.isTemporary(failure)).isTrue();
            });
        }
    }

    private static String value(Statement statement, String sql) throws Exception {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
