package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.learnerday.LearnerDay;
import dev.writebehind.learnerday.LearnerDayDriver;
import dev.writebehind.learnerday.ReferenceModel;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the LMS is told of rows, through the whole service. */
class AnnounceIT {
    private static final String OUTBOX = "completion_writebehind_outbox";
    private static final String TABLE = "completion_blockcompletion";
    /** Rows whose last change nobody is told of. */
    static final String UNTOLD = "SELECT COUNT(*) FROM " + TABLE + " r WHERE NOT EXISTS (SELECT 1 FROM " + OUTBOX
            + " o WHERE o.completion_id = r.id AND o.user_id = r.user_id AND o.modified = r.modified)";
    /** Rows of whose insertion not exactly one entry tells, the first of the row's. */
    static final String NEW_ONES = "SELECT COUNT(*) FROM " + TABLE + " r WHERE 1 <> (SELECT COUNT(*) FROM "
            + OUTBOX + " o WHERE o.completion_id = r.id AND o.is_new) OR NOT (SELECT o.is_new FROM " + OUTBOX
            + " o WHERE o.completion_id = r.id ORDER BY o.id LIMIT 1)";

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    @ShowsEffectOf("openedx.announce")
    void rows_areAnnouncedByTheTimeOfTheAnswer_resetsAreNot_andNothingIsThereWithoutTheSetting() {
        try (RunningService without = RunningService.start(database.uri(), "flush.interval=20ms")) {
            assertThat(without.post("?ack=database", Bodies.write(1, 0.5)).statusCode())
                    .isEqualTo(200);
            assertThat(database.query("SHOW TABLES LIKE '" + OUTBOX + "'")).isEmpty();
        }
        try (RunningService service = start("flush.interval=1h")) {
            for (int i = 1; i <= 30; i++) {
                assertThat(service.post("?ack=database", Bodies.write(1 + i % 3, i % 2))
                                .statusCode())
                        .isEqualTo(200);
                assertThat(database.value(UNTOLD)).as("write %s", i).isLessThanOrEqualTo(i < 3 ? "1" : "0");
            }
            String entries = database.value("SELECT COUNT(*) FROM " + OUTBOX);
            service.reset(1, "c");
            service.flush();
            assertThat(database.rows()).isEqualTo(2);
            assertThat(database.value("SELECT COUNT(*) FROM " + OUTBOX)).isEqualTo(entries);
            assertThat(service.manage("GET", "/metrics").body())
                    .contains("writebehind_announce_entries_total " + entries + ".0")
                    .contains("writebehind_announce_left_out_total 0.0");
        }
    }

    /** Also over the journal, from where the mark has to come back. */
    @Test
    void writes_thatTheirCallersTell_areNotAnnounced_unlessOneOfTheSameRowIsNot() {
        Path journal = TemporaryDirectory.create("journal");
        try (RunningService service = start("flush.interval=1h", "journal.dir=" + journal)) {
            assertThat(service.post("?ack=database&announce=false", Bodies.write(1, 0.5))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(service.post("?ack=database&announce=true", Bodies.write(2, 0.5))
                            .statusCode())
                    .isEqualTo(200);
            service.manage("POST", "/admin/pause");
            service.post("?announce=false", Bodies.write(3, 0.5));
            service.post("", Bodies.write(4, 0.5));
            service.post("?announce=false", Bodies.write(4, 1));
            service.post("?announce=false", Bodies.write(5, 0.5));
            service.post("", Bodies.write(5, 1));
        }
        try (RunningService service = start("journal.dir=" + journal)) {
            service.flush();
            assertThat(database.rows()).isEqualTo(5);
            assertThat(database.query("SELECT user_id FROM " + OUTBOX + " ORDER BY user_id"))
                    .containsExactly(List.of("2"), List.of("4"), List.of("5"));
            assertThat(service.manage("GET", "/metrics").body()).contains("writebehind_announce_left_out_total 0.0");
        }
    }

    @Test
    void learner_canNotKeepTheLmsFromHearingOfHisOwn() {
        try (RunningService service = start(Tokens.openedx("flush.interval=20ms"))) {
            String token = Tokens.rs512(Tokens.claims("ann", Instant.now()).put("user_id", 7));
            HttpResponse<String> answer =
                    service.send(HttpRequest.newBuilder(service.uri("/v1/completions?ack=database&announce=false"))
                            .header("content-type", "application/json")
                            .header("authorization", "JWT " + token)
                            .POST(BodyPublishers.ofString(Bodies.write(7, 1))));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(database.value(UNTOLD)).isEqualTo("0");
        }
    }

    @Test
    void deadLetter_thatIsRetried_isAnnounced() {
        try (RunningService service = start("flush.interval=20ms")) {
            database.execute("ALTER TABLE " + TABLE + " ADD CONSTRAINT no_poison CHECK (user_id <> 66)");
            service.post(
                    "",
                    Bodies.array(IntStream.range(60, 70)
                            .filter(user -> user != 66)
                            .mapToObj(user -> Bodies.write(user, 1))));
            assertThat(service.post("?ack=database&announce=false", Bodies.write(66, 1))
                            .statusCode())
                    .as("so that its caller tells nobody")
                    .isEqualTo(422);
            await().until(() -> service.deadLetters().size() == 1);
            await().until(() -> database.rows() == 9);
            assertThat(database.value(UNTOLD)).isEqualTo("0");

            database.execute("ALTER TABLE " + TABLE + " DROP CONSTRAINT no_poison");
            String id = service.deadLetters().get(0).getValue("id").toString();
            assertThat(service.manage("POST", "/admin/dead-letters/" + id + "/retry")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(database.rows()).isEqualTo(10);
            assertThat(database.value(UNTOLD)).isEqualTo("0");
            assertThat(database.value(NEW_ONES)).isEqualTo("0");
        }
    }

    /** Small batches on several lanes, among deadlocks, lost connections and lost answers to COMMIT. */
    @Test
    @Timeout(600)
    void learnerDay_amongFaults_leavesNoRowUntold_andNoneToldInVain() throws Exception {
        ReferenceModel model = new ReferenceModel();
        try (FaultyProxy proxy = new FaultyProxy(database.port());
                RunningService service = RunningService.start(
                        database.uriThrough(proxy.port()),
                        "openedx.announce=true",
                        "flush.interval=5ms",
                        "flush.lanes=4",
                        "flush.batch-size=20",
                        "flush.max-backoff=100ms",
                        "database.timeout=2s")) {
            proxy.failAtRandom(0.1, 5);
            int cuts = 0;
            for (int day = 11; cuts < 4 || proxy.randomFailures() < 6; day++) {
                LearnerDayDriver driver = new LearnerDayDriver(LearnerDay.generate(day, 120), model, 16);
                CompletableFuture<Void> sending =
                        CompletableFuture.runAsync(() -> driver.send(List.of(service.uri("/v1/completions"))));
                while (!sending.isDone()) {
                    proxy.cutAfterCommits(1);
                    cuts++;
                    Thread.sleep(200);
                }
                sending.join();
            }
            proxy.cutAfterCommits(0);
            proxy.failAtRandom(0, 0);
            service.flush();
            System.out.printf("%d cuts, %d statements failed%n", cuts, proxy.randomFailures());
        }
        assertThat(model.differences(LearnerDayIT.rows(database), 10)).isEmpty();
        assertThat(database.value(UNTOLD)).isEqualTo("0");
        assertThat(database.value(NEW_ONES)).isEqualTo("0");
        assertThat(database.value("SELECT COUNT(*) FROM " + OUTBOX + " o LEFT JOIN " + TABLE
                        + " r ON r.id = o.completion_id WHERE r.id IS NULL OR r.user_id <> o.user_id"
                        + " OR o.modified < r.created OR o.modified > r.modified"))
                .as("of what was rolled back")
                .isEqualTo("0");
    }

    /** Whoever sees a learner's entry never sees an older one of the learner later. */
    @Test
    void entries_ofALearner_areCommittedInTheOrderOfTheirIds() throws Exception {
        Map<String, Long> newest = new HashMap<>();
        Set<Long> seen = new HashSet<>();
        List<String> late = new ArrayList<>();
        int looks = 0;
        try (RunningService service = start("flush.interval=1h", "flush.lanes=4", "flush.batch-size=25");
                Connection reader = database.connect()) {
            for (int round = 0; round < 15 || looks <= 60; round++) {
                int shift = 20 * round;
                service.post(
                        "",
                        Bodies.array(IntStream.range(0, 1_000)
                                .mapToObj(i -> Bodies.write(1 + i % 20, "b" + (shift + i / 20), shift % 3 / 2.0))));
                String isLater =
                        " WHERE id > " + seen.stream().mapToLong(id -> id).max().orElse(0);
                CompletableFuture<Void> flushing = CompletableFuture.runAsync(service::flush);
                boolean isOver;
                do {
                    isOver = flushing.isDone();
                    looks++;
                    Map<String, Long> before = Map.copyOf(newest);
                    for (List<String> row : TestDatabase.query(reader, "SELECT user_id, id FROM " + OUTBOX + isLater)) {
                        long id = Long.parseLong(row.get(1));
                        if (seen.add(id)) {
                            newest.merge(row.get(0), id, Math::max);
                            if (id < before.getOrDefault(row.get(0), 0L)) {
                                late.add(row.toString());
                            }
                        }
                    }
                } while (!isOver);
                flushing.join();
            }
        }
        assertThat(late).isEmpty();
        assertThat(seen).hasSizeGreaterThan(10_000);
    }

    @Test
    @ShowsEffectOf("openedx.announce-max-backlog")
    void backlog_beyondItsBound_isACondition_andNothingMoreIsAdded() {
        try (RunningService service = start("flush.interval=20ms", "openedx.announce-max-backlog=5")) {
            for (int user = 1; user <= 6; user++) {
                service.post("?ack=database", Bodies.write(user, 1));
            }
            await().until(() -> service.manage("GET", "/health/ready").body().contains("announcements-full"));
            assertThat(service.post("?ack=database", Bodies.write(7, 1)).statusCode())
                    .isEqualTo(200);
            assertThat(database.value("SELECT COUNT(*) FROM " + OUTBOX)).isEqualTo("6");
            assertThat(service.manage("GET", "/metrics").body())
                    .contains("writebehind_announce_left_out_total 1.0")
                    .contains("writebehind_announce_backlog 6.0")
                    .contains("writebehind_condition{name=\"announcements-full\"} 1.0");
            service.stop(); // the condition is logged as an error
        }
    }

    @Test
    void worker_thatHoldsEveryEntry_keepsNoFlush() throws SQLException {
        try (RunningService service = start("flush.interval=20ms");
                Connection worker = database.connect();
                Statement statement = worker.createStatement()) {
            service.post("?ack=database", Bodies.array(IntStream.range(1, 100).mapToObj(i -> Bodies.write(i, 1))));
            worker.setAutoCommit(false);
            statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
            assertThat(TestDatabase.query(
                            worker, "SELECT id FROM " + OUTBOX + " ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED"))
                    .hasSize(99);
            for (int i = 0; i < 20; i++) {
                int value = i % 2;
                assertThat(service.post(
                                        "?ack=database",
                                        Bodies.array(
                                                IntStream.range(1, 100).mapToObj(user -> Bodies.write(user, value))))
                                .statusCode())
                        .isEqualTo(200);
            }
            statement.execute("DELETE FROM " + OUTBOX + " WHERE id <= 99");
            worker.commit();
            assertThat(service.service().flushStats().locked()).isZero();
            assertThat(service.service().flushStats().conflicts()).isZero();
            assertThat(database.value(UNTOLD)).isEqualTo("0");
        }
    }

    private RunningService start(String... settings) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("openedx.announce=true");
        return RunningService.start(database.uri(), all.toArray(String[]::new));
    }
}
