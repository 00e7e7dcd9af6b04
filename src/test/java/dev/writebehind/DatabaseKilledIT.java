package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.learnerday.ReferenceModel;
import dev.writebehind.testing.KillableServer;
import dev.writebehind.testing.OpenLoad;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.UsedHeap;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} of the database server itself while writes come in at a fixed rate; later it starts again on the data
 * that the kill left.
 */
class DatabaseKilledIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int PER_SECOND = 500;
    private static final int LEARNERS = 50;
    private static final int BLOCKS = FULL ? 100 : 10;
    private static final int KEYS = LEARNERS * BLOCKS;
    /** What 1,000 writes take when each is kept is about 0.5; there are 15,000 between the samples of a full run. */
    private static final double MAX_GROWTH_MEBIBYTES = 4;

    @Test
    void databaseIsKilledUnderLoad_noCallerNoticesAndNothingIsLost() throws Exception {
        int seconds = FULL ? 60 : 4;
        ReferenceModel model = new ReferenceModel();
        try (KillableServer server = KillableServer.start();
                TestDatabase database = TestDatabase.createOn(server.uri());
                RunningService service = RunningService.start(
                        database.uri(),
                        "database.timeout=1s",
                        "flush.interval=50ms",
                        "flush.max-backoff=1s",
                        "journal.segment-size=64KiB")) {
            double middle;
            double end;
            long keysInTheMiddle;
            long keysAtTheEnd;
            long downMillis;
            long drainMillis;
            OpenLoad load = OpenLoad.start(service.uri("/v1/completions"), PER_SECOND, LEARNERS, BLOCKS, model, 1);
            try (load) {
                load.awaitAccepted(2L * PER_SECOND);
                await().until(() -> service.service().flushStats().batches() > 0);

                long killed = System.nanoTime();
                server.kill();
                load.awaitAccepted(KEYS);
                Thread.sleep(Math.max(0, seconds * 500L - millisSince(killed)));
                await().until(() -> service.service().buffer().pendingKeys() >= KEYS);
                middle = UsedHeap.mebibytes();
                keysInTheMiddle = service.service().buffer().pendingKeys();
                Thread.sleep(Math.max(0, seconds * 1_000L - millisSince(killed)));
                end = UsedHeap.mebibytes();
                keysAtTheEnd = service.service().buffer().pendingKeys();
                await().until(() -> service.service().flushStats().failures() > 0);

                server.revive();
                long revived = System.nanoTime();
                downMillis = millisSince(killed);
                service.flush();
                drainMillis = millisSince(revived);
                load.awaitAccepted(PER_SECOND);
            }
            service.flush();

            System.out.printf(
                    Locale.ROOT,
                    "Database killed for %,d ms: %,d writes accepted, other answers: %s, slowest %d ms; heap %.1f MiB"
                            + " in"
                            + " the middle, %.1f at the end, %,d and %,d keys pending; drained %d ms after its"
                            + " return%n",
                    downMillis,
                    load.accepted(),
                    load.others(),
                    load.slowestMillis(),
                    middle,
                    end,
                    keysInTheMiddle,
                    keysAtTheEnd,
                    drainMillis);
            assertThat(load.others()).isEmpty();
            assertThat(load.accepted()).isEqualTo(load.sent());
            // A write that is just being taken counts until it is known to be of a key already there.
            assertThat(keysInTheMiddle).isBetween((long) KEYS, (long) KEYS + LEARNERS);
            assertThat(keysAtTheEnd).isBetween((long) KEYS, (long) KEYS + LEARNERS);
            assertThat(end).isLessThan(middle + MAX_GROWTH_MEBIBYTES);
            assertThat(model.size()).isEqualTo(KEYS);
            assertThat(model.differences(LearnerDayIT.rows(database), 10)).isEmpty();
        }
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
