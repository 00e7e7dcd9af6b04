package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.writebehind.flush.FlushStats;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two instances with four flush lanes each write the same keys as fast as they can. */
class ContendedFlushIT {
    private static final Duration SHORT = Duration.ofSeconds(8);
    private static final Duration FULL = Duration.ofSeconds(30);
    private static final int USERS = 1_000;
    private static final int BLOCKS = 5;
    private static final String[] SETTINGS = {"flush.interval=1ms", "flush.lanes=4", "flush.batch-size=200"};

    @Test
    void twoInstancesOnTheSameKeys_noDeadlockReachesTheLog() throws Exception {
        Duration duration = Boolean.getBoolean("writebehind.full") ? FULL : SHORT;
        try (TestDatabase database = TestDatabase.create();
                RunningService one = RunningService.start(database.uri(), SETTINGS);
                RunningService other = RunningService.start(database.uri(), SETTINGS)) {
            List<RunningService> instances = List.of(one, other);
            FlushStats first = one.service().flushStats();
            FlushStats second = other.service().flushStats();
            long until = System.nanoTime() + duration.toNanos();
            ExecutorService senders = Executors.newFixedThreadPool(4);
            List<Future<?>> running = new ArrayList<>();
            for (int sender = 0; sender < 4; sender++) {
                RunningService instance = instances.get(sender % 2);
                Random random = new Random(sender);
                running.add(senders.submit(() -> {
                    while (System.nanoTime() < until || first.batches() <= 20 || second.batches() <= 20) {
                        assertThat(instance.post("", batch(random)).statusCode())
                                .isEqualTo(202);
                    }
                }));
            }
            for (Future<?> sender : running) {
                sender.get();
            }
            senders.shutdown();
            one.flush();
            other.flush();

            System.out.printf(
                    "Contended flush on %s for %d s: %d + %d batches, %d rows changed, %d conflicts tried again, %d"
                            + " batches failed%n",
                    database.version(),
                    duration.toSeconds(),
                    first.batches(),
                    second.batches(),
                    first.rowsChanged() + second.rowsChanged(),
                    first.conflicts() + second.conflicts(),
                    first.failures() + second.failures());
            assertThat(first.failures() + second.failures()).isZero();
            assertThat(one.logged(Level.WARN)).noneMatch(message -> message.contains("eadlock"));
            assertThat(database.rows()).isEqualTo(USERS * BLOCKS);
        }
    }

    private static String batch(Random random) {
        return Bodies.array(Stream.generate(() -> Bodies.write(
                        1 + random.nextInt(USERS),
                        "course-v1:Org+Course+Run",
                        "block-v1:Org+Course+Run+type@html+block@b" + random.nextInt(BLOCKS),
                        random.nextInt(101) / 100.0))
                .limit(500));
    }
}
