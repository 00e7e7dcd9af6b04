package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.LockWatch;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Somebody holds every row of the user table: with the foreign key that stalls each write, here it must not. */
class UserTableBusyIT {
    private static final int USERS = 200;
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final List<String> LMS_TABLES = List.of(
            "auth_user",
            "student_courseenrollment",
            "waffle_switch",
            "oauth2_provider_accesstoken",
            "oauth2_provider_application");

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
                while (System.nanoTime() < until || rounds <= 3 || watch.isStillToLook(20)) {
                    for (int user = 1; user <= USERS; user += 20) {
                        String body = batch(user, rounds % 40, (rounds % 7) / 8.0);
                        assertThat(service.post("?ack=database", body).statusCode())
                                .isEqualTo(200);
                    }
                    rounds++;
                }

                watch.stop();
                watcher.join();
                assertThat(database.rows()).isEqualTo(USERS * Math.min(rounds, 40));
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

    /** With the drop-in endpoint users, enrolments and the switch are read besides; nothing is remembered here. */
    @Test
    void everyRowOfTheLmsTablesLocked_lookupsAndFlushGoOn_withoutALockOnThem() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, USERS);
            OpenedxTables.createEnrolments(database);
            database.execute("INSERT INTO student_courseenrollment (course_id, is_active, user_id) SELECT '" + COURSE
                    + "', 1, id FROM auth_user");
            try (RunningService service = RunningService.start(
                            database.uri(),
                            "auth.mode=jwt",
                            "auth.jwt.secret=" + Tokens.SECRET,
                            "openedx.enabled=true",
                            "openedx.opaque-tokens=true",
                            "openedx.cache-ttl=0s",
                            "ingest.ack=database",
                            "flush.interval=20ms");
                    Connection holder = database.connect();
                    Statement statement = holder.createStatement()) {
                database.execute("INSERT INTO oauth2_provider_accesstoken (token, expires, user_id)"
                        + " SELECT CONCAT('token-of-', username), '2040-01-01', id FROM auth_user");
                holder.setAutoCommit(false);
                for (String table : LMS_TABLES) {
                    statement
                            .executeQuery("SELECT * FROM " + table + " FOR UPDATE")
                            .close();
                }
                LockWatch watch = LockWatch.beside(holder, database, LMS_TABLES);
                Thread watcher = new Thread(watch, "lock watch");
                watcher.start();

                long until = System.nanoTime() + Duration.ofSeconds(5).toNanos();
                int calls = 0;
                while (System.nanoTime() < until || watch.isStillToLook(20)) {
                    String user = "user" + (1 + calls % USERS);
                    HttpRequest.Builder call = HttpRequest.newBuilder(
                                    service.uri("/api/completion/v1/completion-batch"))
                            .header("authorization", "Bearer token-of-" + user)
                            .header("content-type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"username\":\"" + user
                                    + "\",\"course_key\":\"" + COURSE
                                    + "\",\"blocks\":{\"block-v1:Org+Course+Run+type@html+block@b\":1}}"));
                    HttpResponse<String> answer = service.send(call);
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                    calls++;
                }

                watch.stop();
                watcher.join();
                assertThat(database.rows()).isEqualTo(Math.min(calls, USERS));
                assertThat(watch.failure()).isNull();
                assertThat(watch.looks()).isGreaterThan(20);
                assertThat(watch.othersOnUserTable()).isZero();
                assertThat(isRefused(database, "SELECT COUNT(*) FROM auth_user FOR UPDATE NOWAIT"))
                        .as("the rows were held all the while")
                        .isTrue();
                holder.rollback();
                System.out.printf(
                        "LMS tables held: %d calls, each with three lookups and a flush; %d looks at the lock table:"
                                + " none but the holder's%n",
                        calls, watch.looks());
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
        String key = "block-v1:Org+Course+Run+type@html+block@b" + block;
        return Bodies.array(IntStream.range(firstUser, firstUser + 20)
                .mapToObj(user -> Bodies.write(user, COURSE, key, completion)));
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
