package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.learnerday.ReferenceModel.ActualRow;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * Two instances whose clocks are five seconds apart write the same keys. Whichever flushes last, of each key the write
 * with the greatest stamp must stand. No two writes have the same value or stamp, so that this is exact: an equal value
 * would leave no trace, see {@code docs/decisions/0001-coalescing.md}.
 */
class ClockSkewIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int WRITES = FULL ? 100_000 : 2_000;
    private static final int USERS = FULL ? 100 : 20;
    private static final int BLOCKS = 5;
    private static final int MAX_IN_A_REQUEST = FULL ? 20 : 4;
    private static final long SKEW_MICROS = 5_000_000;
    private static final int VALUES = 1 << 20;

    private final AtomicLong ticks = new AtomicLong(1_700_000_000_000_000L);
    private final AtomicInteger writes = new AtomicInteger();

    private record Key(int user, String block) {}

    private record Stamped(long micros, double value) {
        static Stamped greatest(Stamped one, Stamped other) {
            return one.micros() > other.micros() ? one : other;
        }
    }

    @Test
    void twoInstances_clocksFiveSecondsApart_greatestStampStands() throws Exception {
        AtomicLong slowClock = new AtomicLong(ticks.get());
        AtomicLong fastClock = new AtomicLong(ticks.get());
        String[] settings = {"flush.interval=1ms", "flush.batch-size=20", "buffer.retain=0s"};
        try (TestDatabase database = TestDatabase.create()) {
            Map<Key, Stamped> expected;
            long overwritten;
            try (RunningService slow =
                            RunningService.start(new ReceiptClock(slowClock::get), database.uri(), settings);
                    RunningService fast =
                            RunningService.start(new ReceiptClock(fastClock::get), database.uri(), settings)) {
                ExecutorService senders = Executors.newFixedThreadPool(2);
                try {
                    BooleanSupplier isEnough = () -> writes.get() >= WRITES
                            && slow.service().flushStats().batches() > 5
                            && fast.service().flushStats().batches() > 5
                            && overwritten(slow) > 0;
                    Future<Map<Key, Stamped>> behind = senders.submit(() -> send(slow, slowClock, 0, 1, isEnough));
                    // Half a tick more, so that no stamp of the one is a stamp of the other.
                    Future<Map<Key, Stamped>> ahead =
                            senders.submit(() -> send(fast, fastClock, SKEW_MICROS + 500, 2, isEnough));
                    expected = new HashMap<>(behind.get());
                    Map<Key, Stamped> last = expected;
                    ahead.get().forEach((key, stamped) -> last.merge(key, stamped, Stamped::greatest));
                } finally {
                    senders.shutdownNow();
                }
                slow.flush();
                fast.flush();
                overwritten = overwritten(slow);
            }
            List<String> differences = new ArrayList<>();
            List<ActualRow> rows = LearnerDayIT.rows(database);
            for (ActualRow row : rows) {
                Stamped found = new Stamped(ChronoUnit.MICROS.between(Instant.EPOCH, row.modified()), row.completion());
                Stamped due = expected.get(new Key(row.userId(), row.blockKey()));
                if (!found.equals(due)) {
                    differences.add(row + " instead of " + due);
                }
            }
            System.out.printf(
                    "Clocks 5 s apart: %d writes of %d keys through two instances, %d rows differ; %d runs of the slow"
                            + " one were older than their row%n",
                    writes.get(), expected.size(), differences.size(), overwritten);
            assertThat(differences).isEmpty();
            assertThat(rows).hasSameSizeAs(expected.keySet());
        }
    }

    /** Returns how often that instance came too late. */
    private static long overwritten(RunningService slow) {
        return slow.service().flushStats().writes()
                - slow.service().flushStats().rowsChanged();
    }

    /**
     * Sends by chance, and returns the last write of each key with its stamp: the clock stands still within a request,
     * and its writes are stamped one after the other from what it shows.
     */
    private Map<Key, Stamped> send(
            RunningService service, AtomicLong clock, long ahead, long seed, BooleanSupplier isEnough) {
        Random random = new Random(seed);
        Map<Key, Stamped> last = new HashMap<>();
        while (!isEnough.getAsBoolean()) {
            long now = ticks.addAndGet(1_000) + ahead;
            clock.set(now);
            int count = 1 + random.nextInt(MAX_IN_A_REQUEST);
            List<String> objects = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Key key = new Key(1 + random.nextInt(USERS), "b" + random.nextInt(BLOCKS));
                double value = nextValue();
                last.put(key, new Stamped(now + i, value));
                objects.add(Bodies.write(key.user(), key.block(), value));
            }
            var answer = service.post("?ack=memory", objects.toString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
            assertThat(new JsonObject(answer.body()).getInteger("accepted")).isEqualTo(count);
        }
        return last;
    }

    /** Returns another value each time, up and down through the whole range. */
    private double nextValue() {
        return (double) Math.floorMod(writes.incrementAndGet() * 0x9E3779B1, VALUES) / VALUES;
    }
}
