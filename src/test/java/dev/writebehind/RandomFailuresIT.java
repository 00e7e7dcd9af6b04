package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.flush.FlushStats;
import dev.writebehind.learnerday.ReferenceModel;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.OpenLoad;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.UsedHeap;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One statement in a hundred fails, by chance, while writes come in at a fixed rate. */
@Alone
class RandomFailuresIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final Duration DURATION = FULL ? Duration.ofMinutes(10) : Duration.ofSeconds(10);
    private static final Duration BETWEEN_SAMPLES = DURATION.dividedBy(40);
    private static final int PER_SECOND = 500;
    private static final int FEWEST_FAILURES = FULL ? 200 : 5;
    /** While the machine keeps up: requests that wait for it are heap too. */
    private static final int FEWEST_SAMPLES = 10;

    /**
     * What the slope may add up to over the whole time; what was warming up in its first fifth is left out. A failure
     * that left 20 KiB behind, one batch, would add 20 MiB in ten minutes.
     */
    private static final double MAX_GROWTH_MEBIBYTES = 6;

    @Test
    @Timeout(900)
    void oneStatementInAHundredFails_nothingIsLostAndNothingPilesUp() throws Exception {
        ReferenceModel model = new ReferenceModel();
        UsedHeap heap = new UsedHeap();
        try (TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port())) {
            OpenLoad load;
            FlushStats stats;
            try (RunningService service = RunningService.start(
                    database.uriThrough(proxy.port()),
                    "flush.interval=5ms",
                    "flush.batch-size=50",
                    "flush.max-backoff=200ms",
                    "database.timeout=2s")) {
                stats = service.service().flushStats();
                load = OpenLoad.start(service.uri("/v1/completions"), PER_SECOND, 100, 20, model, 7);
                try (load) {
                    load.awaitAccepted(2L * PER_SECOND);
                    proxy.failAtRandom(0.01, 11);
                    long start = System.nanoTime();
                    while (System.nanoTime() - start < DURATION.toNanos()
                            || proxy.randomFailures() < FEWEST_FAILURES
                            || heap.samples() < FEWEST_SAMPLES) {
                        Thread.sleep(BETWEEN_SAMPLES.toMillis());
                        boolean keepsUp = load.sent() - load.accepted() < PER_SECOND / 2;
                        if (keepsUp
                                && System.nanoTime() - start
                                        > DURATION.dividedBy(5).toNanos()) {
                            heap.sample();
                        }
                    }
                    proxy.failAtRandom(0, 0);
                }
                service.flush();
                JsonObject ready =
                        new JsonObject(service.manage("GET", "/health/ready").body());
                assertThat(ready.getString("database")).isEqualTo("ok");
                assertThat(ready.getInteger("pending_keys")).isZero();
            }
            double growth = heap.slope() * heap.minutes();
            System.out.printf(
                    Locale.ROOT,
                    "1 %% of the statements failed for at least %d s: %,d writes accepted, other answers: %s, slowest"
                            + " %d ms;"
                            + " %,d failures, %,d batches committed, %,d failed; heap slope %.2f MiB/min over %.1f min"
                            + " (%d samples)%n",
                    DURATION.toSeconds(),
                    load.accepted(),
                    load.others(),
                    load.slowestMillis(),
                    proxy.randomFailures(),
                    stats.batches(),
                    stats.failures(),
                    heap.slope(),
                    heap.minutes(),
                    heap.samples());
            assertThat(stats.failures()).isPositive();
            assertThat(load.others()).isEmpty();
            assertThat(load.accepted()).isEqualTo(load.sent());
            assertThat(model.differences(LearnerDayIT.rows(database), 10)).isEmpty();
            assertThat(growth).as("MiB by which the heap grew").isLessThan(MAX_GROWTH_MEBIBYTES);
        }
    }
}
