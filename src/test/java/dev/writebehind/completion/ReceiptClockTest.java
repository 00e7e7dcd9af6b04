package dev.writebehind.completion;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReceiptClockTest {
    private final AtomicLong wall = new AtomicLong(1_000);
    private final ReceiptClock clock = new ReceiptClock(wall::get);

    @Test
    void reserve_whileTheWallClockGoesOn_followsIt() {
        assertThat(clock.reserve(1)).isEqualTo(1_000);
        wall.set(1_001);
        assertThat(clock.reserve(1)).isEqualTo(1_001);
        wall.set(5_000);
        assertThat(clock.reserve(10)).isEqualTo(5_000);
        wall.set(6_000);
        assertThat(clock.reserve(1)).isEqualTo(6_000);
    }

    @Test
    void reserve_whileTheWallClockStandsStill_countsOn() {
        assertThat(clock.reserve(1)).isEqualTo(1_000);
        assertThat(clock.reserve(3)).isEqualTo(1_001);
        assertThat(clock.reserve(1)).isEqualTo(1_004);
    }

    @Test
    void reserve_afterTheWallClockWentBack_countsOnUntilItHasCaughtUp() {
        assertThat(clock.reserve(1)).isEqualTo(1_000);
        wall.set(10);
        assertThat(clock.reserve(1)).isEqualTo(1_001);
        assertThat(clock.reserve(1)).isEqualTo(1_002);
        wall.set(1_002);
        assertThat(clock.reserve(1)).isEqualTo(1_003);
        wall.set(2_000);
        assertThat(clock.reserve(1)).isEqualTo(2_000);
    }

    @Test
    void reserve_ofMoreStampsThanTheWallClockHasPassed_leavesThemAll() {
        assertThat(clock.reserve(100)).isEqualTo(1_000);
        wall.set(1_050);
        assertThat(clock.reserve(1)).isEqualTo(1_100);
    }

    @Test
    void reserve_bySystemTime_isNow() {
        long before = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        long stamp = new ReceiptClock().reserve(1);
        long after = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());

        assertThat(stamp).isBetween(before, after);
    }

    @Test
    void reserve_byManyThreads_neverGivesAStampTwiceAndIncreasesForEach() throws Exception {
        AtomicLong calls = new AtomicLong();
        ReceiptClock shared = new ReceiptClock(() -> 1_000 + (calls.incrementAndGet() * 7_919) % 40_000);
        int threads = 8;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<List<long[]>>> tasks = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                tasks.add(() -> reserveMany(shared));
            }
            List<long[]> all = new ArrayList<>();
            for (Future<List<long[]>> result : executor.invokeAll(tasks)) {
                List<long[]> own = result.get();
                assertDisjoint(own);
                all.addAll(own);
            }
            all.sort(Comparator.comparingLong(range -> range[0]));
            assertDisjoint(all);
        } finally {
            executor.shutdownNow();
        }
    }

    private static List<long[]> reserveMany(ReceiptClock clock) {
        List<long[]> ranges = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            int count = 1 + i % 3;
            long first = clock.reserve(count);
            ranges.add(new long[] {first, first + count - 1});
        }
        return ranges;
    }

    private static void assertDisjoint(List<long[]> ranges) {
        for (int i = 1; i < ranges.size(); i++) {
            if (ranges.get(i)[0] <= ranges.get(i - 1)[1]) {
                assertThat(ranges.get(i)[0]).as("stamp %s", i).isGreaterThan(ranges.get(i - 1)[1]);
            }
        }
    }
}
