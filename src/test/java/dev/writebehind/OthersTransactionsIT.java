package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.TestDatabase;
import java.net.http.HttpRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One row that somebody holds in a long transaction: it waits, and nobody else does. */
class OthersTransactionsIT {
    private static final String TABLE = "completion_blockcompletion";
    private static final String INSERT = "INSERT INTO " + TABLE + " (user_id, course_key, block_key, block_type,"
            + " completion, created, modified) VALUES (1, 'c', 'b', 'unknown', 0.125, '2020-01-01', '2020-01-01')";

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE " + TABLE + " SET completion = 0.125 WHERE user_id = 1",
                "DELETE FROM " + TABLE + " WHERE user_id = 1",
                INSERT,
            })
    void flush_oneRowIsHeld_onlyItsWriteWaits(String holding) throws SQLException {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=50ms", "flush.lanes=2");
                Connection other = database.connect();
                Statement statement = other.createStatement()) {
            if (!holding.equals(INSERT)) {
                assertThat(service.post("?ack=database", Bodies.write(1, 0.25)).statusCode())
                        .isEqualTo(200);
            }
            other.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            other.setAutoCommit(false);
            statement.execute(holding);

            assertThat(service.post("", Bodies.write(1, 0.5)).statusCode()).isEqualTo(202);
            for (int round = 1; round <= 3; round++) {
                String value = String.valueOf(round / 4.0);
                List<CompletableFuture<Integer>> answers = IntStream.rangeClosed(2, 11)
                        .mapToObj(user -> CompletableFuture.supplyAsync(
                                () -> service.post("?ack=database", Bodies.write(user, Double.parseDouble(value)))
                                        .statusCode()))
                        .toList();
                assertThat(answers.stream().map(CompletableFuture::join)).containsOnly(200);
            }
            await().until(() -> service.service().flushStats().locked() > 0);
            await().until(() -> service.service().buffer().pendingKeys() == 1);
            assertThat(service.service().flushStats().failures()).isZero();

            other.rollback();
            await().until(() -> service.service().buffer().pendingKeys() == 0);
            assertThat(database.value("SELECT completion FROM " + TABLE + " WHERE user_id = 1"))
                    .isEqualTo("0.5");
        }
    }

    @Test
    void reset_oneOfItsRowsIsHeld_waitsAndTheOthersGoOn() throws SQLException {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=50ms");
                Connection other = database.connect();
                Statement statement = other.createStatement()) {
            for (int user = 1; user <= 3; user++) {
                assertThat(service.post("?ack=database", Bodies.write(user, 0.25))
                                .statusCode())
                        .isEqualTo(200);
            }
            other.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            other.setAutoCommit(false);
            statement.execute("UPDATE " + TABLE + " SET completion = 1 WHERE user_id = 1");

            for (int user = 1; user <= 2; user++) {
                service.send(HttpRequest.newBuilder(service.uri("/v1/users/" + user + "/completions?course_key=c"))
                        .DELETE());
            }
            assertThat(service.post("?ack=database", Bodies.write(3, 0.75)).statusCode())
                    .isEqualTo(200);
            await().until(() -> rows().equals("1,3"));
            assertThat(service.post("", Bodies.write(1, 0.5)).statusCode()).isEqualTo(202);
            other.rollback();

            service.flush();
            assertThat(rows()).isEqualTo("1,3");
            assertThat(database.value("SELECT completion FROM " + TABLE + " WHERE user_id = 1"))
                    .isEqualTo("0.5");
        }
    }

    @Test
    void flush_aGapIsHeld_othersGoOnAndTheBarrierWaitsForIt() throws SQLException {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=50ms");
                Connection other = database.connect();
                Statement statement = other.createStatement()) {
            assertThat(service.post("?ack=database", Bodies.write(5, 0.25)).statusCode())
                    .isEqualTo(200);
            other.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            other.setAutoCommit(false);
            statement.execute("SELECT * FROM " + TABLE + " WHERE course_key = 'c' AND block_key = 'b'"
                    + " AND user_id BETWEEN 100 AND 200 FOR UPDATE");

            assertThat(service.post("", Bodies.write(150, 0.5)).statusCode()).isEqualTo(202);
            assertThat(service.post("?ack=database", Bodies.write(5, 0.75)).statusCode())
                    .isEqualTo(200);
            other.rollback();
            service.flush();
            assertThat(rows()).isEqualTo("5,150");
        }
    }

    private String rows() {
        return database.value("SELECT GROUP_CONCAT(user_id ORDER BY user_id) FROM " + TABLE);
    }
}
