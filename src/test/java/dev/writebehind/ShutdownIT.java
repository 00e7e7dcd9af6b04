package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** SIGTERM to the service in a process of its own. */
class ShutdownIT {
    private static final int SENDERS = 4;

    @Test
    void sigterm_underLoad_exitsZeroWithEverythingAcknowledgedInTheTable() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                ChildService service =
                        ChildService.start(database.uri(), "flush.interval=500ms", "shutdown.drain-timeout=20s")) {
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
            loaded.await();

            long start = System.nanoTime();
            service.terminate();
            int exitCode = service.exitCode(Duration.ofSeconds(20));
            long millis = (System.nanoTime() - start) / 1_000_000;
            for (Thread sender : senders) {
                sender.join();
            }

            assertThat(exitCode).as(String.join("\n", service.output())).isZero();
            assertThat(service.output()).anyMatch(line -> line.contains("Everything accepted is in the table"));
            int stored = Integer.parseInt(database.value("SELECT COUNT(*) FROM completion_blockcompletion"));
            assertThat(stored).isGreaterThanOrEqualTo(acknowledged.get());
            System.out.printf(
                    "SIGTERM under load: %d writes acknowledged, %d in the table, exit 0 after %d ms%n",
                    acknowledged.get(), stored, millis);
        }
    }

    @Test
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
                    assertThat(service.exitCode(Duration.ofSeconds(2))).isZero();
                }
                assertThat(service.output()).anyMatch(line -> line.contains("2 keys are not in the table; they stay"));
            }
            try (ChildService service = ChildService.start(database.uri(), "journal.dir=" + journal)) {
                assertThat(send(service, "?ack=database", 1, 3)).isTrue();
                assertThat(service.output()).anyMatch(line -> line.contains("Replayed 2 keys"));
                assertThat(database.value("SELECT COUNT(*) FROM completion_blockcompletion"))
                        .isEqualTo("4");
            }
        }
    }

    private static boolean send(ChildService service, String query, int user, int block)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = service.post(
                query,
                "{\"user_id\":" + user + ",\"course_key\":\"course-v1:Org+Course+Run\",\"block_key\":"
                        + "\"block-v1:Org+Course+Run+type@html+block@b" + block + "\",\"completion\":1.0}");
        assertThat(answer.statusCode()).isIn(200, 202, 503);
        return answer.statusCode() != 503;
    }
}
