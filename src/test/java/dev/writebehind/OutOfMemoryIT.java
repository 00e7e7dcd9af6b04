package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A heap that is too small, on a JVM without {@code -XX:+ExitOnOutOfMemoryError}: the process ends by itself, wherever
 * the memory ran out, and the next one has everything that was acknowledged.
 */
class OutOfMemoryIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final List<String> SMALL = List.of("-Xmx64m");
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final int SENDERS = 4;
    /** By a logger, or with the trace of a thread that nobody watched; the JVM itself may name it in a bare line. */
    private static final Pattern LOGGED = Pattern.compile("^(?=\\d{4}-|Exception|\\s+at ).*OutOfMemoryError");

    private Path journal;

    @BeforeEach
    void anotherJournal() {
        journal = TemporaryDirectory.create("journal");
    }

    @Test
    void rowsOfOneReadBeyondTheHeap_endTheProcess() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            try (ChildService service = ChildService.start(database.uri())) {
                assertThat(service.manage("GET", "/health/ready").statusCode()).isEqualTo(200);
            }
            fill(database, 120_000);
            try (ChildService service = ChildService.start(SMALL, database.uri(), "journal.dir=" + journal)) {
                assertThat(service.manage("POST", "/admin/pause").statusCode()).isEqualTo(200);
                assertThat(service.post("", Bodies.write(2, "kept", 0.5)).statusCode())
                        .isEqualTo(202);
                long reading = System.nanoTime();
                readInVain(service);
                assertEnded(service);
                System.out.printf("read: ended after %d ms%n", (System.nanoTime() - reading) / 1_000_000);
            }
            assertThat(afterRestart(database, 2)).isEqualTo(Map.of("kept", 0.5));
        }
    }

    /** Every thread of the service allocates something in the end, and one after the other goes without. */
    @Test
    void leakUnderLoad_endsTheProcess_andLosesNothing() throws Exception {
        int rounds = FULL ? 40 : 1;
        try (TestDatabase database = TestDatabase.create()) {
            Map<String, Double> acknowledged = new ConcurrentSkipListMap<>();
            for (int round = 0; round < rounds; round++) {
                try (ChildService service = ChildService.startBy(
                        "dev.writebehind.LeakingMain",
                        SMALL,
                        database.uri(),
                        "journal.dir=" + journal,
                        "flush.interval=100ms")) {
                    CountDownLatch loaded = new CountDownLatch(200);
                    List<Thread> senders = new ArrayList<>();
                    for (int sender = 1; sender <= SENDERS; sender++) {
                        String prefix = "r" + round + "-s" + sender + "-";
                        Thread thread = new Thread(() -> send(service, prefix, acknowledged, loaded));
                        thread.start();
                        senders.add(thread);
                    }
                    assertThat(loaded.await(Patience.VERY_LONG.toSeconds(), TimeUnit.SECONDS))
                            .isTrue();
                    long leaking = System.nanoTime();
                    service.tell("leak");
                    assertEnded(service);
                    System.out.printf(
                            "leak, round %d: ended after %d ms%n", round, (System.nanoTime() - leaking) / 1_000_000);
                    for (Thread thread : senders) {
                        thread.join();
                    }
                }
            }
            assertThat(acknowledged).hasSizeGreaterThan(rounds * 200 - 1);
            assertThat(afterRestart(database, 3)).containsAllEntriesOf(acknowledged);
        }
    }

    private static void assertEnded(ChildService service) throws InterruptedException {
        assertThat(service.exitCode(SOON))
                .as(String.join("\n", service.output()))
                .isEqualTo(3);
        assertThat(service.output())
                .filteredOn(line -> line.contains("Out of memory: "))
                .singleElement()
                .asString()
                .contains("exit code 3");
        assertThat(service.output()).noneMatch(line -> LOGGED.matcher(line).find());
    }

    private Map<String, Double> afterRestart(TestDatabase database, int userId) throws Exception {
        try (ChildService service = ChildService.start(database.uri(), "journal.dir=" + journal)) {
            assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
        }
        Map<String, Double> stored = new TreeMap<>();
        database.query("SELECT block_key, completion FROM completion_blockcompletion WHERE user_id = " + userId)
                .forEach(row -> stored.put(row.get(0), Double.parseDouble(row.get(1))));
        return stored;
    }

    private static void send(
            ChildService service, String prefix, Map<String, Double> acknowledged, CountDownLatch loaded) {
        try {
            for (int i = 0; ; i++) {
                String block = prefix + i;
                if (service.post("", Bodies.write(3, block, 0.5)).statusCode() == 202) {
                    acknowledged.put(block, 0.5);
                    loaded.countDown();
                }
            }
        } catch (IOException e) {
            // ended: the write under way was not acknowledged
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void readInVain(ChildService service) throws InterruptedException {
        try {
            HttpResponse<String> answer = service.get("/v1/users/1/completions?course_key=c");
            assertThat(answer.statusCode()).as(answer.body()).isNotEqualTo(200);
        } catch (IOException e) {
            // that is the end
        }
    }

    /** User 1 has that many rows in one course, more or less. */
    private static void fill(TestDatabase database, int rows) {
        database.execute("INSERT INTO completion_blockcompletion"
                + " (created, modified, user_id, course_key, block_key, block_type, completion)"
                + " VALUES (NOW(6), NOW(6), 1, 'c', 'b', 'unknown', 1)");
        for (int there = 1; there < rows; there *= 2) {
            database.execute("INSERT INTO completion_blockcompletion"
                    + " (created, modified, user_id, course_key, block_key, block_type, completion)"
                    + " SELECT created, modified, 1, 'c', CONCAT(block_key, '-', " + there + "), block_type, 1"
                    + " FROM completion_blockcompletion WHERE user_id = 1");
        }
    }
}
