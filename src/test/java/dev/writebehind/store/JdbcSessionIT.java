package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.CuttableProxy;
import dev.writebehind.testing.NetworkNamespace;
import dev.writebehind.testing.ServerDefaults;
import dev.writebehind.testing.Side;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions that begin as a server's defaults or its init_connect made them. */
@Alone
class JdbcSessionIT {
    private static final List<String> SPOILT = List.of(
            "SET NAMES utf8mb3",
            "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
            "SET SESSION autocommit = 0, completion_type = 1, time_zone = '+05:45', sql_mode = 'ANSI_QUOTES',"
                    + " sql_safe_updates = 1, sql_auto_is_null = 1, sql_select_limit = 1, max_join_size = 1,"
                    + " group_concat_max_len = 4, unique_checks = 0, foreign_key_checks = 0");

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

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
            JdbcSession.prepare(connection, TIMEOUT);
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
            JdbcSession.prepare(prepared, TIMEOUT);
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

    @Test
    void prepare_networkIsLostAfterTheLogin_givesUp() throws Exception {
        URI direct = URI.create(database.uri());
        try (CuttableProxy network = new CuttableProxy(0, direct.getPort())) {
            String uri = database.uri().replace(":" + direct.getPort() + "/", ":" + network.port() + "/");
            try (Connection connection = JdbcAddress.of(
                            new DatabaseSettings(DatabaseUri.parse(uri), true, Duration.ofSeconds(1), 1))
                    .connect()) {
                assertThat(connection.getNetworkTimeout()).isZero();
                network.set(CuttableProxy.Network.CUT);
                CompletableFuture<Void> prepared = CompletableFuture.runAsync(() -> {
                    try {
                        JdbcSession.prepare(connection, Duration.ofSeconds(1));
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
                try {
                    assertThat(prepared)
                            .failsWithin(TIMEOUT)
                            .withThrowableThat()
                            .isInstanceOf(ExecutionException.class);
                } finally {
                    network.set(CuttableProxy.Network.WHOLE);
                }
            }
        }
    }

    /** Slow: the system asks only then whether the other is there still. */
    @Test
    void connection_networkIsLostWhileAStatementTakesItsTime_isGivenUpAfterAMinute() throws Exception {
        assumeTrue(Boolean.getBoolean("writebehind.full"), "takes a minute");
        Optional<NetworkNamespace> namespace = NetworkNamespace.create();
        assumeTrue(namespace.isPresent(), "needs the right to make network namespaces, and the programs for it");
        try (NetworkNamespace there = namespace.get();
                Side side = there.side()) {
            URI direct = URI.create(database.uri());
            String uri =
                    database.uri().replace(direct.getHost() + ":" + direct.getPort(), side.addressOf(direct.getPort()));
            try (Connection connection = JdbcAddress.of(new DatabaseSettings(DatabaseUri.parse(uri), true, TIMEOUT, 1))
                            .connect();
                    Statement statement = connection.createStatement()) {
                CompletableFuture<Void> asked = CompletableFuture.runAsync(() -> {
                    try {
                        statement.execute("SELECT SLEEP(200)");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
                while (database.value("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE"
                                + " 'SELECT SLEEP(200)%'")
                        .equals("0")) {
                    Thread.sleep(100);
                }
                Thread.sleep(1_000); // what was sent has to be acknowledged: else it is sent again and again
                side.set(CuttableProxy.Network.CUT);
                assertThat(asked)
                        .failsWithin(Duration.ofMinutes(2))
                        .withThrowableThat()
                        .withRootCauseInstanceOf(IOException.class);
            }
        }
    }

    private static String value(Statement statement, String sql) throws Exception {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
