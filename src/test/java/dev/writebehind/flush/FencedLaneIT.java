package dev.writebehind.flush;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.Drained;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.store.Announcer;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.Fence;
import dev.writebehind.store.FenceTable;
import dev.writebehind.store.Schema;
import dev.writebehind.store.UpsertSessions;
import dev.writebehind.testing.RecordingLog;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A lane whose claim is another's by now: nothing is parked, cut in halves or buried, all of it waits as before. */
@ExtendWith(VertxExtension.class)
class FencedLaneIT {
    private final KeyPool keys = new KeyPool();
    private final ReceiptClock clock = new ReceiptClock();
    private final FlushStats stats = new FlushStats();
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(1_000, ByteSize.ofMebibytes(16), Duration.ofMinutes(1)),
            clock,
            RecordingLog.ofNothing());
    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void flush_afterAnotherClaim_triesOneBatch_andReleasesAll(Vertx vertx, @TempDir Path deadLetters) throws Exception {
        DatabaseSettings settings =
                new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
        Schema.of(settings, false, true).prepare(true);
        FenceTable table = FenceTable.of(settings);
        Fence own = table.claim("completions", UUID.randomUUID());
        Parked parked = new Parked(
                System::nanoTime,
                () -> new FlushSettings(Duration.ofMillis(20), 500, 1, 1_000, Duration.ofMillis(50)),
                new Conditions(Clock.systemUTC()));
        UpsertSessions sessions = UpsertSessions.create(vertx, settings, 1, Announcer.NONE, () -> Optional.of(own));
        Lane lane = new Lane(
                new LaneConnection(vertx, sessions, stats, clock, () -> 0.5),
                new FileBurial(vertx, new DeadLetterFiles(deadLetters, keys, () -> {})),
                new Ledger(vertx, buffer, stats, Peers.NONE),
                parked,
                stats);
        assertThat(flush(vertx, lane, write(0.25))).isEqualTo(LaneOutcome.CLEAN);
        assertThat(database.rows()).isEqualTo(6);

        table.claim("completions", UUID.randomUUID());
        LaneOutcome outcome = flush(vertx, lane, write(0.5));
        assertThat(DatabaseFailure.of(outcome.cause())).isEqualTo(DatabaseFailure.FENCED);
        assertThat(outcome.connectionLost()).isTrue();
        assertThat(stats.failures(DatabaseFailure.FENCED)).as("tried once").isEqualTo(1);
        assertThat(database.value("SELECT MAX(completion) FROM completion_blockcompletion"))
                .isEqualTo("0.25");
        assertThat(buffer.drain().writes()).as("waits again").hasSize(6);
    }

    /** Returns what it makes of the drain, cut into batches of two. */
    private LaneOutcome flush(Vertx vertx, Lane lane, Drained drained) {
        Plan plan = Plan.of(
                drained.resets(),
                drained.writes(),
                drained.present()::contains,
                change -> false,
                2,
                1,
                Plan.Spread.RANGES);
        AtomicInteger cuts = new AtomicInteger();
        LaneOutcome outcome = await(Future.future(done ->
                vertx.runOnContext(run -> lane.flush(plan.lanes().get(0), () -> cuts.incrementAndGet() > 100)
                        .onComplete(done))));
        assertThat(plan.lanes().get(0)).hasSizeGreaterThan(2);
        return outcome;
    }

    private Drained write(double value) {
        List<CompletionWrite> writes = IntStream.rangeClosed(1, 6)
                .mapToObj(
                        user -> new CompletionWrite(new CompletionKey(user, keys.course("c"), keys.block("b")), value))
                .toList();
        assertThat(buffer.offer(writes, null)).isTrue();
        return buffer.drain();
    }
}
