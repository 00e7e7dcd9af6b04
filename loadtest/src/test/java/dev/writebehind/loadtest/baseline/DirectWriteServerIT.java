package dev.writebehind.loadtest.baseline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.writebehind.loadtest.LoadTestDatabase;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.TestDatabase;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server that writes directly, in a process of its own, against a real database. */
class DirectWriteServerIT {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String BATCH = "/api/completion/v1/completion-batch";
    private static final int NO_SUCH_USER = 99_999;

    private final TestDatabase database = LoadTestDatabase.create();
    private final List<MeasuredProcess> servers = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();

    @BeforeEach
    void createTables() {
        OpenedxTables.createUsers(database, 10);
        OpenedxTables.createCompletions(database, OpenedxTables.Vintage.NEW);
    }

    @AfterEach
    void close() throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
        servers.forEach(MeasuredProcess::close);
        database.close();
    }

    @Test
    void write_newKey_insertsRow() {
        HttpResponse<String> response = start().post(write(1, "a", 0.5)).join();

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.body()).isEqualTo("{\"accepted\":1}");
        assertThat(database.query("SELECT user_id, course_key, block_key, block_type, completion"
                        + ", created = modified, ABS(TIMESTAMPDIFF(SECOND, created, UTC_TIMESTAMP(6))) < 60"
                        + " FROM completion_blockcompletion"))
                .containsExactly(List.of("1", COURSE, block("a"), "html", "0.5", "1", "1"));
    }

    @Test
    void write_otherValue_changesRowAndModified() {
        MeasuredProcess server = start();
        insert("a", 1.0);

        assertAccepted(server.post(write(1, "a", 0.0)));

        assertThat(row("a")).startsWith("0").endsWith("created earlier");
    }

    @Test
    void write_equalValue_leavesModified() {
        MeasuredProcess server = start();
        insert("a", 1.0);

        assertAccepted(server.post(write(1, "a", 1.0)));

        assertThat(row("a")).startsWith("1").endsWith("untouched");
    }

    @Test
    void write_arrayWithOneBadWrite_leavesNothing() {
        MeasuredProcess server = start();

        HttpResponse<String> refused = server.post(array(write(1, "a", 1), write(NO_SUCH_USER, "a", 1)))
                .join();
        HttpResponse<String> malformed =
                server.post(array(write(1, "a", 1), "{}")).join();

        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(refused.body()).contains("\"error\":1452");
        assertThat(malformed.statusCode()).isEqualTo(400);
        assertThat(database.rows()).isZero();
        assertThat(server.post(array(write(1, "a", 1), write(2, "a", 1))).join().body())
                .isEqualTo("{\"accepted\":2}");
        assertThat(database.rows()).isEqualTo(2);
    }

    @Test
    void write_sendsThreeStatementsForANewRow() {
        MeasuredProcess server = start("--pool", "1");
        assertAccepted(server.post(write(1, "first", 1)));
        Map<String, Long> before = database.globalStatus();

        for (int i = 0; i < 200; i++) {
            assertAccepted(server.post(write(1, "b" + i, 1)));
        }

        Map<String, Long> after = database.globalStatus();
        assertThat(after.get("Com_insert") - before.get("Com_insert")).isEqualTo(200);
        assertThat(after.get("Com_commit") - before.get("Com_commit")).isEqualTo(200);
        assertThat(after.get("Com_stmt_prepare") - before.get("Com_stmt_prepare"))
                .isLessThan(5);
        // What the test itself asks is among the questions.
        assertThat(after.get("Questions") - before.get("Questions")).isCloseTo(600, within(15L));
    }

    @Test
    void write_ofRowThatAnotherInsertsMeanwhile_changesIt() throws Exception {
        MeasuredProcess server = start();
        Connection other = begin();
        other.createStatement().execute(insertion("a", 0.25));

        CompletableFuture<HttpResponse<String>> response = server.post(write(1, "a", 0.75));
        awaitLockWait();
        other.commit();

        assertAccepted(response);
        assertThat(row("a")).startsWith("0.75").endsWith("created earlier");
    }

    @Test
    void write_raceForNewKeys_endsWithOneRowForEach() {
        MeasuredProcess server = start("--pool", "16", "--queue", "1000");
        List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
        for (int key = 0; key < 10; key++) {
            for (int writer = 0; writer < 20; writer++) {
                responses.add(server.post(write(1, "b" + key, writer / 20.0)));
            }
        }

        responses.forEach(DirectWriteServerIT::assertAccepted);
        assertThat(database.rows()).isEqualTo(10);
    }

    @Test
    void write_victimOfDeadlock_isDoneAgain() throws Exception {
        MeasuredProcess server = start();
        assertAccepted(server.post(array(write(1, "a", 0), write(1, "b", 0))));
        Connection other = begin();
        // Whoever has changed more is not the victim.
        for (int i = 0; i < 50; i++) {
            other.createStatement().execute(insertion("other" + i, 1));
        }
        other.createStatement().execute(change("b", 0.5));

        CompletableFuture<HttpResponse<String>> response = server.post(array(write(1, "a", 1), write(1, "b", 1)));
        awaitLockWait();
        other.createStatement().execute(change("a", 0.5));
        other.commit();

        assertAccepted(response);
        assertThat(row("a")).startsWith("1");
        assertThat(row("b")).startsWith("1");
    }

    @Test
    void write_lockWaitTimeout_isToldAtOnce() throws Exception {
        String usual = database.value("SELECT @@GLOBAL.innodb_lock_wait_timeout");
        database.execute("SET GLOBAL innodb_lock_wait_timeout = 1");
        try {
            MeasuredProcess server = start("--pool", "1");
            assertAccepted(server.post(write(2, "a", 1)));
            Connection holder = holdUser(1);

            HttpResponse<String> response =
                    server.post(array(write(2, "b", 1), write(1, "a", 1))).join();

            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).contains("\"error\":1205");
            holder.commit();
            assertAccepted(server.post(write(1, "c", 1)));
            assertThat(database.value("SELECT GROUP_CONCAT(RIGHT(block_key, 1) ORDER BY id)"
                            + " FROM completion_blockcompletion"))
                    .isEqualTo("a,c");
        } finally {
            database.execute("SET GLOBAL innodb_lock_wait_timeout = " + usual);
        }
    }

    @Test
    void insert_withForeignKey_waitsForTheLearnersHeldRowAlone() throws Exception {
        MeasuredProcess server = start();
        Connection holder = holdUser(1);

        CompletableFuture<HttpResponse<String>> held = server.post(write(1, "a", 1));
        awaitLockWait();
        assertAccepted(server.post(write(2, "a", 1)));

        assertThat(held).isNotDone();
        holder.commit();
        assertAccepted(held);
    }

    @Test
    void insert_withoutForeignKey_doesNotWait() throws Exception {
        database.execute("ALTER TABLE completion_blockcompletion"
                + " DROP FOREIGN KEY completion_blockcompletion_user_id_20994c23_fk_auth_user_id");
        MeasuredProcess server = start();
        Connection holder = holdUser(1);

        assertAccepted(server.post(write(1, "a", 1)));

        assertThat(database.rows()).isOne();
        holder.commit();
    }

    @Test
    void write_fullPool_isRefusedAtOnce() throws Exception {
        MeasuredProcess server = start("--pool", "1", "--queue", "1", "--queue-timeout", "PT50S");
        Connection holder = holdUser(1);
        CompletableFuture<HttpResponse<String>> held = server.post(write(1, "a", 1));
        awaitLockWait();

        CompletableFuture<HttpResponse<String>> second = server.post(write(2, "a", 1));
        CompletableFuture<HttpResponse<String>> third = server.post(write(3, "a", 1));
        CompletableFuture.anyOf(second, third).get(45, SECONDS);

        CompletableFuture<HttpResponse<String>> refused = second.isDone() ? second : third;
        CompletableFuture<HttpResponse<String>> queued = refused == second ? third : second;
        assertThat(refused.join().statusCode()).isEqualTo(503);
        assertThat(queued).isNotDone();
        holder.commit();
        assertAccepted(held);
        assertAccepted(queued);
        assertThat(database.rows()).isEqualTo(2);
    }

    @Test
    void write_thatWaitsTooLongForAConnection_isRefused() throws Exception {
        MeasuredProcess server = start("--pool", "1", "--queue", "10", "--queue-timeout", "PT3S");
        Connection holder = holdUser(1);
        CompletableFuture<HttpResponse<String>> held = server.post(write(1, "a", 1));
        awaitLockWait();
        long begin = System.nanoTime();
        long naps = Naps.nanos();

        HttpResponse<String> response = server.post(write(2, "a", 1)).join();

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(2_900));
        assertThat(Naps.since(naps)).isLessThan(Duration.ofSeconds(20));
        assertThat(held).isNotDone();
        holder.commit();
        assertAccepted(held);
        assertThat(database.rows()).isOne();
    }

    @Test
    void terminate_waitsForRunningTransactions() throws Exception {
        MeasuredProcess server = start();
        Connection holder = holdUser(1);
        CompletableFuture<HttpResponse<String>> held = server.post(write(1, "a", 1));
        awaitLockWait();

        server.terminate();
        awaitRefusal(server);
        assertThat(server.isAlive()).isTrue();
        holder.commit();

        assertAccepted(held);
        assertThat(server.exitCode()).isZero();
        assertThat(database.rows()).isOne();
    }

    @Test
    void terminate_waitsForTransactionsWhoseClientHasGone() throws Exception {
        MeasuredProcess server = start();
        Connection holder = holdUser(1);
        CompletableFuture<HttpResponse<String>> held = server.post(write(1, "a", 1));
        awaitLockWait();
        held.cancel(true);

        server.terminate();
        awaitRefusal(server);
        assertThat(server.isAlive()).isTrue();
        holder.commit();

        assertThat(server.exitCode()).isZero();
        assertThat(database.rows()).isOne();
    }

    @Test
    void batch_writesForAnEnrolledLearnerOnly() {
        OpenedxTables.createEnrolments(database);
        OpenedxTables.enrol(database, 3, COURSE);
        MeasuredProcess server = start();

        HttpResponse<String> ok = server.post(BATCH, batch("user3")).join();

        assertThat(ok.statusCode()).isEqualTo(200);
        assertThat(ok.body()).isEqualTo("{\"detail\":\"ok\"}");
        assertThat(database.query("SELECT user_id, block_key, completion FROM completion_blockcompletion ORDER BY id"))
                .containsExactly(List.of("3", block("a"), "1"), List.of("3", block("b"), "0.5"));
        assertThat(server.post(BATCH, batch("nobody")).join().statusCode()).isEqualTo(404);
        assertThat(server.post(BATCH, batch("user4")).join().body()).contains("User is not enrolled in course.");
        assertThat(server.post(BATCH, "{}").join().statusCode()).isEqualTo(400);
        database.execute("UPDATE waffle_switch SET active = 0");
        assertThat(server.post(BATCH, batch("user3")).join().statusCode()).isEqualTo(400);
        assertThat(database.rows()).isEqualTo(2);
    }

    private MeasuredProcess start(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--database", database.uri(), "--pool", "8", "--queue", "80"));
        all.addAll(List.of(arguments));
        MeasuredProcess server = MeasuredProcess.start(DirectWriteServer.class, all.toArray(String[]::new));
        servers.add(server);
        return server;
    }

    private Connection begin() throws SQLException {
        Connection connection = database.connect();
        connections.add(connection);
        connection.setAutoCommit(false);
        return connection;
    }

    private Connection holdUser(int id) throws SQLException {
        Connection holder = begin();
        holder.createStatement().execute("SELECT id FROM auth_user WHERE id = " + id + " FOR UPDATE");
        return holder;
    }

    /** Waits until a transaction waits for a lock. */
    private void awaitLockWait() throws InterruptedException {
        String waiting = "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
        long end = System.nanoTime() + SECONDS.toNanos(45);
        while (!database.value(waiting).equals("1")) {
            assertThat(System.nanoTime()).as("nobody waits for a lock").isLessThan(end);
            Thread.sleep(150); // the server looks anew only when nobody has asked for 100 ms
        }
    }

    /** Waits until the server no longer listens. */
    private static void awaitRefusal(MeasuredProcess server) throws InterruptedException {
        long end = System.nanoTime() + SECONDS.toNanos(45);
        while (server.isListening()) {
            assertThat(System.nanoTime()).as("it still listens").isLessThan(end);
            Thread.sleep(20);
        }
    }

    private static void assertAccepted(CompletableFuture<HttpResponse<String>> response) {
        assertThat(response.join().statusCode()).as(response.join().body()).isEqualTo(202);
    }

    /** Returns the value of learner 1's row, and what its times tell, as far as {@link #insert} made it. */
    private String row(String block) {
        return String.join(
                " ",
                database.query("SELECT completion, CASE WHEN created = modified THEN 'untouched'"
                                + " WHEN created < modified THEN 'created earlier' ELSE 'created later' END"
                                + " FROM completion_blockcompletion WHERE block_key = '" + block(block) + "'")
                        .get(0));
    }

    private void insert(String block, double completion) {
        database.execute(insertion(block, completion));
    }

    private static String insertion(String block, double completion) {
        String past = "2020-01-01 00:00:00";
        return "INSERT INTO completion_blockcompletion"
                + " (user_id, course_key, block_key, block_type, completion, created, modified) VALUES (1, '" + COURSE
                + "', '" + block(block) + "', 'html', " + completion + ", '" + past + "', '" + past + "')";
    }

    /** Locks this row alone: by the unique key. */
    private static String change(String block, double completion) {
        return "UPDATE completion_blockcompletion SET completion = " + completion + " WHERE course_key = '" + COURSE
                + "' AND block_key = '" + block(block) + "' AND user_id = 1";
    }

    private static String block(String id) {
        return "block-v1:Org+Course+Run+type@html+block@" + id;
    }

    private static String array(String... writes) {
        return "[" + String.join(",", writes) + "]";
    }

    private static String write(int user, String block, double completion) {
        return Bodies.write(user, COURSE, block(block), completion);
    }

    private static String batch(String username) {
        return "{\"username\":\"%s\",\"course_key\":\"%s\",\"blocks\":{\"%s\":1.0,\"%s\":\"0.5\"}}"
                .formatted(username, COURSE, block("a"), block("b"));
    }
}
