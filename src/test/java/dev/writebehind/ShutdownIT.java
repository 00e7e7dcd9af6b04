package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.learnerday.ReferenceModel;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.FaultyProxy.Mode;
import dev.writebehind.testing.OpenLoad;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.RawHttp.Answer;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGTERM to the service in a process of its own. */
class ShutdownIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    /** Less than is missing to the drain timeout that is the default. */
    private static final Duration END_OF_JVM = Duration.ofSeconds(20);

    private static final int SENDERS = 4;
    private static final int WRITES_AT_ONCE = 20_000;
    private static final byte[] READ =
            RawHttp.request("GET", "/v1/users/1/completions?course_key=course-v1:Org+Course+Run", "");

    @Test
    void sigterm_underLoad_exitsZeroWithEverythingAcknowledgedInTheTable() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                ChildService service =
                        ChildService.start(database.uri(), "flush.interval=500ms", "shutdown.drain-timeout=2m")) {
            AtomicInteger acknowledged = new AtomicInteger();
            CountDownLatch loaded = new CountDownLatch(2_000);
            List<Thread> senders = new ArrayList<>();
            for (int sender = 0; sender < SENDERS; sender++) {
                int user = sender + 1;
                senders.add(new Thread(() -> {
                    try {
                        for (int block = 0; send(service, "", user, block); block++) {
                            acknowledged.incrementAndGet();
                            loaded.countDown();
                        }
                    } catch (IOException e) {
                        // the port is closed: this write was not acknowledged
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }));
            }
            senders.forEach(Thread::start);
            assertThat(loaded.await(Patience.VERY_LONG.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();

            long start = System.nanoTime();
            service.terminate();
            int exitCode = service.exitCode(Duration.ofMinutes(3));
            long millis = (System.nanoTime() - start) / 1_000_000;
            for (Thread sender : senders) {
                sender.join();
            }

            assertThat(exitCode).as(String.join("\n", service.output())).isZero();
            assertThat(service.output()).anyMatch(line -> line.contains("Everything accepted is in the table"));
            int stored = database.rows();
            assertThat(stored).isGreaterThanOrEqualTo(acknowledged.get());
            System.out.printf(
                    "SIGTERM under load: %d writes acknowledged, %d in the table, exit 0 after %d ms%n",
                    acknowledged.get(), stored, millis);
        }
    }

    @Test
    @ShowsEffectOf("shutdown.drain-timeout")
    void sigterm_tableIsLocked_exitsByTheDeadlineAndTheNextStartFlushes() throws Exception {
        Path journal = TemporaryDirectory.create("journal");
        try (TestDatabase database = TestDatabase.create()) {
            try (ChildService service =
                    ChildService.start(database.uri(), "shutdown.drain-timeout=2s", "journal.dir=" + journal)) {
                assertThat(send(service, "?ack=database", 1, 0)).isTrue();
                try (Connection holder = database.connect();
                        Statement lock = holder.createStatement()) {
                    lock.execute("LOCK TABLES completion_blockcompletion READ");
                    assertThat(send(service, "", 1, 1)).isTrue();
                    assertThat(send(service, "?ack=memory", 1, 2)).isTrue();
                    service.terminate();
                    assertThat(service.exitCode(Duration.ofSeconds(2).plus(END_OF_JVM)))
                            .isZero();
                }
                assertThat(service.output()).anyMatch(line -> line.contains("2 keys are not in the table; they stay"));
            }
            try (ChildService service = ChildService.start(database.uri(), "journal.dir=" + journal)) {
                assertThat(send(service, "", 1, 3)).isTrue();
                assertThat(service.output()).anyMatch(line -> line.contains("Replayed 2 keys"));
                assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
                assertThat(database.rows()).isEqualTo(4);
            }
        }
    }

    @Test
    void sigterm_databaseIsAwayUnderLoad_exitsZeroByTheDeadlineAndTheNextStartBringsEverything() throws Exception {
        Duration deadline = Duration.ofSeconds(FULL ? 30 : 6);
        Path journal = TemporaryDirectory.create("journal");
        ReferenceModel model = new ReferenceModel();
        try (TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port())) {
            long millis;
            OpenLoad load;
            try (ChildService service = ChildService.start(
                    database.uriThrough(proxy.port()),
                    "shutdown.drain-timeout=" + deadline.toSeconds() + "s",
                    "journal.dir=" + journal)) {
                load = OpenLoad.start(service.uri("/v1/completions"), FULL ? 1_000 : 500, 200, 100, model, 3);
                try (load) {
                    load.awaitAccepted(500);
                    proxy.set(Mode.REFUSE);
                    load.awaitAccepted(FULL ? 10_000 : 1_000);
                    long start = System.nanoTime();
                    service.terminate();
                    assertThat(service.exitCode(deadline.plus(END_OF_JVM)))
                            .as(String.join("\n", service.output()))
                            .isZero();
                    millis = (System.nanoTime() - start) / 1_000_000;
                }
                assertThat(service.output())
                        .anyMatch(line -> line.matches(".* \\d+ keys are not in the table; they stay.*"));
            }
            proxy.set(Mode.PASS);
            try (ChildService service = ChildService.start(database.uri(), "journal.dir=" + journal)) {
                assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            }
            System.out.printf(
                    "SIGTERM with the database away: %d writes acknowledged, exit 0 after %d ms of %d s, %d keys in the"
                            + " table after the next start%n",
                    load.accepted(), millis, deadline.toSeconds(), model.size());
            assertThat(model.differences(LearnerDayIT.rows(database), 10)).isEmpty();
        }
    }

    /** Acknowledged by memory alone, the keys must all be written down within the time that there is. */
    @ParameterizedTest
    @ValueSource(strings = {"memory", "journal"})
    void sigterm_databaseIsAwayAndManyKeysWait_allOfThemAreInTheJournal(String ack) throws Exception {
        int keys = FULL ? 600_000 : 60_000;
        assumeThat(FULL || ack.equals("memory")).as("the other one with -Pfull").isTrue();
        Duration deadline = Duration.ofSeconds(10);
        Path journal = TemporaryDirectory.create("journal");
        try (TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port())) {
            proxy.set(Mode.REFUSE);
            long millis;
            try (ChildService service = ChildService.start(
                    database.uriThrough(proxy.port()),
                    "shutdown.drain-timeout=" + deadline.toSeconds() + "s",
                    "journal.dir=" + journal)) {
                for (int from = 0; from < keys; from += WRITES_AT_ONCE) {
                    assertThat(service.post("?ack=" + ack, bodies(from)).statusCode())
                            .isEqualTo(202);
                }
                long start = System.nanoTime();
                service.terminate();
                assertThat(service.exitCode(deadline.plus(END_OF_JVM)))
                        .as(String.join("\n", service.output()))
                        .isZero();
                millis = (System.nanoTime() - start) / 1_000_000;
                assertThat(service.output())
                        .anyMatch(line -> line.contains(keys + " keys are not in the table; they stay in the journal"));
                assertThat(service.output()).noneMatch(line -> line.contains("ERROR"));
            }
            try (ChildService service = ChildService.start(database.uri(), "journal.dir=" + journal)) {
                Awaitility.await()
                        .atMost(Duration.ofMinutes(5))
                        .pollInterval(Duration.ofSeconds(1))
                        .until(() ->
                                service.manage("GET", "/health/ready").body().contains("\"pending_keys\":0"));
                assertThat(service.output()).anyMatch(line -> line.contains("Replayed " + keys + " keys"));
            }
            System.out.printf(
                    "SIGTERM with %d keys of ack=%s and the database away: exit 0 after %d ms of %d s%n",
                    keys, ack, millis, deadline.toSeconds());
            assertThat(database.rows()).isEqualTo(keys);
        }
    }

    /** Long before the time for draining is over: who stops a machine may have less patience than was configured. */
    @Test
    void sigkill_whileItDrainsWithTheDatabaseAway_findsWhatMemoryAcknowledgedInTheJournal() throws Exception {
        Path journal = TemporaryDirectory.create("journal");
        try (TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port())) {
            proxy.set(Mode.REFUSE);
            try (ChildService service = ChildService.start(
                    database.uriThrough(proxy.port()), "shutdown.drain-timeout=5m", "journal.dir=" + journal)) {
                assertThat(service.post("?ack=memory", bodies(0)).statusCode()).isEqualTo(202);
                AtomicLong size = new AtomicLong(size(journal));
                long whole = size.get() + WRITES_AT_ONCE * 50L;
                service.terminate();
                Awaitility.await()
                        .atMost(Patience.VERY_LONG)
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> {
                            long last = size.getAndSet(size(journal));
                            return last > whole && last == size.get();
                        });
                service.kill();
            }
            try (ChildService service = ChildService.start(database.uri(), "journal.dir=" + journal)) {
                assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            }
            assertThat(database.rows()).isEqualTo(WRITES_AT_ONCE);
        }
    }

    private static long size(Path journal) {
        try (Stream<Path> files = Files.list(journal)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String bodies(int from) {
        return IntStream.range(from, from + WRITES_AT_ONCE)
                .mapToObj(key -> body(1 + key / 100, key % 100))
                .collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void sigterm_drainIsHeldUp_refusesNewRequestsAndAnswersThoseUnderWay() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                ChildService service = ChildService.start(database.uri(), "shutdown.drain-timeout=2m")) {
            int port = service.uri("/").getPort();
            assertThat(send(service, "?ack=database", 1, 0)).isTrue();
            try (Connection holder = database.connect();
                    Statement lock = holder.createStatement();
                    RawHttp keptAlive = RawHttp.connect(port);
                    RawHttp waiting = RawHttp.connect(port);
                    RawHttp arriving = RawHttp.connect(port)) {
                assertThat(keptAlive.send(READ).answer().status()).isEqualTo(200);
                lock.execute("LOCK TABLES completion_blockcompletion READ");
                waiting.send(write("?ack=database", 1));
                byte[] late = write("", 2);
                int half = late.length - 10;
                arriving.send(Arrays.copyOf(late, half));
                assertThat(waiting.isSilentFor(Duration.ofMillis(300))).isTrue();

                service.terminate();
                Awaitility.await()
                        .until(() ->
                                service.output().stream().anyMatch(line -> line.contains("The service is draining")));

                refused(keptAlive.send(write("", 3)).answer());
                refused(keptAlive.send(READ).answer());
                try (RawHttp fresh = RawHttp.connect(port)) {
                    refused(fresh.send(write("", 4)).answer());
                }
                Answer taken = arriving.send(Arrays.copyOfRange(late, half, late.length))
                        .answer();
                assertThat(taken.status()).as(taken.body()).isEqualTo(202);
                assertThat(waiting.isSilentFor(Duration.ofMillis(100))).isTrue();

                lock.execute("UNLOCK TABLES");
                assertThat(waiting.answer().status()).isEqualTo(200);
                assertThat(service.exitCode(Duration.ofMinutes(3))).isZero();
            }
            assertThat(service.output()).anyMatch(line -> line.contains("Everything accepted is in the table"));
            assertThat(database.query("SELECT block_key FROM completion_blockcompletion ORDER BY block_key").stream()
                            .map(row -> row.get(0).replaceAll(".*@", "")))
                    .containsExactly("b0", "b1", "b2");
        }
    }

    private static byte[] write(String query, int block) {
        return RawHttp.request("POST", "/v1/completions" + query, body(1, block), "content-type: application/json");
    }

    private static void refused(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(answer.header("retry-after")).isNotEmpty();
        JsonObject problem = new JsonObject(answer.body());
        assertThat(problem.getString("type")).isEqualTo("urn:completion-writebehind:stopping");
        assertThat(problem.getString("detail")).isEqualTo("this instance is stopping");
    }

    private static String body(int user, int block) {
        return Bodies.write(user, "course-v1:Org+Course+Run", "block-v1:Org+Course+Run+type@html+block@b" + block, 1.0);
    }

    private static boolean send(ChildService service, String query, int user, int block)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = service.post(query, body(user, block));
        assertThat(answer.statusCode()).isIn(200, 202, 503);
        return answer.statusCode() != 503;
    }
}
