package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.flush.FlushStats;
import dev.writebehind.learnerday.LearnerDay;
import dev.writebehind.learnerday.LearnerDayDriver;
import dev.writebehind.learnerday.ReferenceModel;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.FaultyProxy.Mode;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * The database fails while a learner day comes in. No caller may notice, and in the end every row and column must be as
 * direct writes would have left it.
 */
@Alone
class OutageIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int CONNECTIONS = 8;
    /** Without encryption, which would hide the statements from the proxy. */
    private static final String[] SETTINGS = {
        "database.timeout=1s", "database.tls.mode=disabled", "flush.max-backoff=1s", "flush.interval=50ms"
    };

    @Test
    void commitAnswerIsLost_theReplayChangesNothing() throws Exception {
        int cuts = FULL ? 100 : 10;
        runDay(FULL ? 1_500 : 100, (proxy, failed) -> {
            for (int cut = 0; cut < cuts; cut++) {
                proxy.cutAfterCommits(1);
                Awaitility.await().until(() -> proxy.commitsStillToCut() == 0);
            }
        });
    }

    @Test
    void databaseIsAway_nothingIsLostAndItGoesOnByItself() throws Exception {
        Duration outage = FULL ? Duration.ofSeconds(60) : Duration.ofSeconds(2);
        runDay(FULL ? 1_500 : 100, (proxy, failed) -> {
            proxy.set(Mode.REFUSE);
            Thread.sleep(outage.toMillis());
            failed.await();
            proxy.set(Mode.PASS);
        });
    }

    @Test
    void databaseNeverAnswers_isNoticedAndItGoesOnByItself() throws Exception {
        runDay(FULL ? 300 : 100, (proxy, failed) -> {
            proxy.set(Mode.SWALLOW);
            Thread.sleep(2_500);
            failed.await();
            proxy.set(Mode.PASS);
        });
    }

    @Test
    void databaseAnswersTwoSecondsLate_isNoticedAndItGoesOnByItself() throws Exception {
        runDay(FULL ? 300 : 100, (proxy, failed) -> {
            proxy.set(Mode.DELAY);
            Thread.sleep(3_000);
            failed.await();
            proxy.set(Mode.PASS);
        });
    }

    /** Silence counts on a connection that is idle, too: it must not be short of time for the answer to come. */
    @Test
    void read_afterASilenceOfAlmostTheTimeout_hasTheWholeTimeoutForItsAnswer() throws Exception {
        String path = "/v1/users/1/completions?course_key=course-v1:Org+Course+Run";
        try (TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port());
                RunningService service = RunningService.start(
                        database.uriThrough(proxy.port()), "database.timeout=3s", "buffer.retain=0s");
                RawHttp connection = RawHttp.connect(service.port())) {
            connection.send(RawHttp.request("GET", path, ""));
            assertThat(connection.answer().status()).isEqualTo(200);
            Thread.sleep(2_500);
            proxy.set(Mode.DELAY);
            connection.send(RawHttp.request("GET", path, ""));
            assertThat(connection.answer().status()).isEqualTo(200);
        }
    }

    /** MariaDB has no read-only mode for everybody: there the service is a user whom it binds. */
    @Test
    void databaseIsReadOnly_nothingIsLost() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            boolean mariaDb = database.isMariaDb();
            String user = mariaDb ? database.createOrdinaryUser() : "";
            runDay(database, user, FULL ? 1_500 : 100, (proxy, failed) -> {
                database.execute("SET GLOBAL " + (mariaDb ? "read_only" : "super_read_only") + " = 1");
                try {
                    Thread.sleep(FULL ? 10_000 : 2_000);
                    failed.await();
                } finally {
                    if (!mariaDb) {
                        database.execute("SET GLOBAL super_read_only = 0");
                    }
                    database.execute("SET GLOBAL read_only = 0");
                }
            });
        }
    }

    private interface Fault {
        /** @param failed waits until a batch has failed by it */
        void happen(FaultyProxy proxy, Failure failed) throws Exception;
    }

    private interface Failure {
        void await();
    }

    private static void runDay(int learners, Fault fault) throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            runDay(database, "", learners, fault);
        }
    }

    /** @param user for whom the service connects; empty: the server's usual one */
    private static void runDay(TestDatabase database, String user, int learners, Fault fault) throws Exception {
        ReferenceModel model = new ReferenceModel();
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong writes = new AtomicLong();
        try (FaultyProxy proxy = new FaultyProxy(database.port())) {
            String usual = database.uriThrough(proxy.port());
            String uri = user.isEmpty() ? usual : usual.replaceFirst("//.*@", "//" + user + ":" + user + "@");
            long drainMillis;
            long failures;
            long mostPending;
            try (RunningService service = RunningService.start(uri, SETTINGS)) {
                CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                    for (int seed = 44; seed == 44 || !isOver.get(); seed++) {
                        LearnerDay day = LearnerDay.generate(seed, learners);
                        new LearnerDayDriver(day, model, CONNECTIONS).send(List.of(service.uri("/v1/completions")));
                        writes.addAndGet(day.counts().writes());
                    }
                });
                FlushStats stats = service.service().flushStats();
                Awaitility.await().until(() -> stats.batches() > 0);
                long before = stats.failures();
                try {
                    fault.happen(proxy, () -> Awaitility.await().until(() -> stats.failures() > before));
                } finally {
                    isOver.set(true);
                }
                mostPending = service.service().buffer().pendingKeys();
                sending.get();
                long start = System.nanoTime();
                service.flush();
                drainMillis = (System.nanoTime() - start) / 1_000_000;
                failures = service.service().flushStats().failures();
            }
            assertThat(failures).as("batches that failed").isPositive();
            assertThat(model.differences(LearnerDayIT.rows(database), 10)).isEmpty();
            System.out.printf(
                    "Outage: %d writes came in, %d keys pending at its end, %d batches failed, 0 rows differ, drained"
                            + " %d ms after the last write%n",
                    writes.get(), mostPending, failures, drainMillis);
        }
    }
}
