package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.LockWatch;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Somebody holds every row of the user table: with the foreign key that stalls each write, here it must not. */
class UserTableBusyIT {
    private static final int USERS = 200;
    private static final String COURSE = "course-v1:Org+Course+Run";

    @Test
    void everyUserRowLocked_ingestAndFlushGoOn_withoutALockOnTheUserTable() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, USERS);
            try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms");
                    Connection holder = database.connect();
                    Statement statement = holder.createStatement()) {
                holder.setAutoCommit(false);
                statement.executeQuery("SELECT * FROM auth_user FOR UPDATE").close();
                String held = "SELECT COUNT(*) FROM auth_user FOR UPDATE NOWAIT";
                LockWatch watch = LockWatch.beside(holder, database);
                Thread watcher = new Thread(watch, "lock watch");
                watcher.start();

                long until = System.nanoTime() + Duration.ofSeconds(5).toNanos();
                int rounds = 0;
                while (System.nanoTime() < until) {
                    for (int user = 1; user <= USERS; user += 20) {
                        String body = batch(user, rounds % 40, (rounds % 7) / 8.0);
                        assertThat(service.post("?ack=database", body).statusCode())
                                .isEqualTo(200);
                    }
                    rounds++;
                }

                watch.stop();
                watcher.join();
                assertThat(rounds).isGreaterThan(3);
                assertThat(database.value("SELECT COUNT(*) FROM completion_blockcompletion"))
                        .isEqualTo(String.valueOf(USERS * Math.min(rounds, 40)));
                assertThat(watch.looks()).isGreaterThan(20);
                assertThat(watch.othersOnUserTable()).isZero();
                assertThat(watch.failure()).isNull();
                assertThat(isRefused(database, held))
                        .as("the rows were held all the while")
                        .isTrue();
                holder.rollback();
                System.out.printf(
                        "User table held: %d rows written in %d rounds, %d looks at the lock table: none but the"
                                + " holder's on auth_user%n",
                        USERS * Math.min(rounds, 40), rounds, watch.looks());
            }
        }
    }

    /** The watch must be able to fail: with the foreign key the very same writes do wait for the user's row. */
    @Test
    void everyUserRowLocked_withTheForeignKey_aWriteWaits() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, 1);
            RunningService.start(database.uri()).close();
            OpenedxTables.addForeignKey(database);
            try (Connection holder = database.connect();
                    Statement lock = holder.createStatement();
                    Connection writer = database.connect();
                    Statement write = writer.createStatement()) {
                holder.setAutoCommit(false);
                lock.executeQuery("SELECT * FROM auth_user FOR UPDATE").close();
                write.execute("SET SESSION innodb_lock_wait_timeout = 1");
                assertThat(errorCode(
                                write,
                                "INSERT INTO completion_blockcompletion"
                                        + " (created, modified, course_key, block_key, block_type, completion, user_id)"
                                        + " VALUES (NOW(6), NOW(6), 'c', 'b', 't', 1, 1)"))
                        .isEqualTo(1205);
                holder.rollback();
            }
        }
    }

    private static String batch(int firstUser, int block, double completion) {
        StringBuilder body = new StringBuilder("[");
        for (int user = firstUser; user < firstUser + 20; user++) {
            body.append(user == firstUser ? "" : ",")
                    .append("{\"user_id\":")
                    .append(user)
                    .append(",\"course_key\":\"")
                    .append(COURSE)
                    .append("\",\"block_key\":\"block-v1:Org+Course+Run+type@html+block@b")
                    .append(block)
                    .append("\",\"completion\":")
                    .append(completion)
                    .append("}");
        }
        return body.append("]").toString();
    }

    private static boolean isRefused(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            return errorCode(statement, sql) != 0;
        }
    }

    private static int errorCode(Statement statement, String sql) {
        try {
            statement.execute(sql);
            return 0;
        } catch (SQLException e) {
            return e.getErrorCode();
        }
    }
}
