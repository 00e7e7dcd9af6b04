package dev.writebehind.flush;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.blocking.Blocking;
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
import dev.writebehind.store.ChangeBatch;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.DeadLetterTable;
import dev.writebehind.store.Fence;
import dev.writebehind.store.FenceTable;
import dev.writebehind.store.Schema;
import dev.writebehind.store.UpsertSession.Committed;
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
import org.jspecify.annotations.Nullable;
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
    private final DatabaseSettings settings =
            new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
    private final FenceTable table = FenceTable.of(settings);

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void flush_afterAnotherClaim_triesOneBatch_andReleasesAll(Vertx vertx, @TempDir Path deadLetters) throws Exception {
        Lane lane = lane(vertx, new FileBurial(vertx, new DeadLetterFiles(deadLetters, keys, () -> {})));
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

    /** As where whoever buries stands still between the refusal and the letter, long enough to be replaced. */
    @Test
    void bury_afterAnotherClaim_keepsNoLetter_andTheChangeWaits(Vertx vertx) throws Exception {
        TableBurial own = new TableBurial(keys);
        AtomicInteger claims = new AtomicInteger();
        Lane lane = lane(vertx, new Burial() {
            @Override
            public Future<Void> add(LaneConnection connection, List<DeadLetter> letters) {
                return Blocking.call(vertx, () -> table.claim("completions", UUID.randomUUID()))
                        .onSuccess(claimed -> claims.incrementAndGet())
                        .compose(claimed -> own.add(connection, letters));
            }

            @Override
            public Future<Optional<DeadLetter>> find(LaneConnection connection, String id) {
                return own.find(connection, id);
            }

            @Override
            public Future<Committed> commit(
                    LaneConnection connection, ChangeBatch batch, @Nullable DeadLetter retried) {
                return own.commit(connection, batch, retried);
            }
        });
        database.execute("ALTER TABLE completion_blockcompletion ADD CONSTRAINT poison CHECK (user_id <> 3)");
        LaneOutcome outcome = flush(vertx, lane, write(0.5));
        assertThat(claims).hasValue(1);
        assertThat(DatabaseFailure.of(outcome.cause())).isEqualTo(DatabaseFailure.FENCED);
        assertThat(outcome.connectionLost()).isTrue();
        assertThat(DeadLetterTable.of(settings).count()).isZero();
        assertThat(stats.deadLetters()).isZero();
        assertThat(buffer.drain().writes())
                .extracting(write -> write.key().userId())
                .contains(3);
    }

    private Lane lane(Vertx vertx, Burial burial) throws Exception {
        Schema.of(settings, false, true).prepare(true);
        Fence own = table.claim("completions", UUID.randomUUID());
        Parked parked = new Parked(
                System::nanoTime,
                () -> new FlushSettings(Duration.ofMillis(20), 500, 1, 1_000, Duration.ofMillis(50)),
                new Conditions(Clock.systemUTC()));
        UpsertSessions sessions = UpsertSessions.create(vertx, settings, 1, Announcer.NONE, () -> Optional.of(own));
        return new Lane(
                new LaneConnection(vertx, sessions, stats, clock, () -> 0.5),
                burial,
                new Ledger(vertx, buffer, stats, Peers.NONE),
                parked,
                stats);
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
