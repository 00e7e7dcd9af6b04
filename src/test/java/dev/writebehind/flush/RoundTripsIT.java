package dev.writebehind.flush;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.Drained;
import dev.writebehind.buffer.View;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.store.Announcer;
import dev.writebehind.store.Fence;
import dev.writebehind.store.FenceTable;
import dev.writebehind.store.Schema;
import dev.writebehind.store.UpsertSession;
import dev.writebehind.store.UpsertSessions;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.RecordingLog;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How many commands, each of them a round trip, the server counts for what a drain takes out of the buffer. */
@Alone
@ExtendWith(VertxExtension.class)
class RoundTripsIT {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final List<String> COMMANDS =
            List.of("Com_stmt_execute", "Com_stmt_prepare", "Com_begin", "Com_commit", "Com_rollback");

    private final KeyPool keys = new KeyPool();
    private final TestDatabase database = TestDatabase.create();
    private final ReceiptClock clock = new ReceiptClock();
    private CompletionBuffer buffer = buffer();
    private UpsertSession session;

    @BeforeEach
    void open(Vertx vertx) throws Exception {
        DatabaseSettings settings =
                new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
        Schema.of(settings, false, true).prepare(true);
        session = await(UpsertSessions.create(vertx, settings, 1).open());
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void flush_ofARowAlone_newOrFlushedAMomentAgo_takesOne() {
        assertThat(flush(0.25, 1)).isEqualTo(1);
        assertThat(flush(0.5, 1)).isEqualTo(1);
        assertThat(flush(0.75, 2)).isEqualTo(1);
        assertThat(rows()).containsExactly("1 0.5", "2 0.75");
    }

    @Test
    void flush_ofManyNewOnes_takesOne_andOfTheSameAgain() {
        int[] users = IntStream.rangeClosed(1, 400).toArray();
        assertThat(flush(0.25, users)).isEqualTo(1);
        assertThat(flush(0.5, users)).isEqualTo(1);
        assertThat(rows()).hasSize(400).allMatch(row -> row.endsWith(" 0.5"));
    }

    @Test
    void flush_ofManyNewAndKnownOnes_takesOneForEach() {
        flush(0.25, IntStream.rangeClosed(1, 20).toArray());
        assertThat(flush(0.5, IntStream.rangeClosed(1, 40).toArray())).isEqualTo(2);
        assertThat(rows()).hasSize(40).allMatch(row -> row.endsWith(" 0.5"));
    }

    @Test
    void flush_ofAFewNewAndKnownOnes_isOneTransaction() {
        flush(0.25, 2, 4);
        assertThat(flush(0.5, 1, 2, 3, 4)).as("tried as new ones before").isEqualTo(5);
        assertThat(flush(0.75, 3, 4, 5, 6)).isEqualTo(4);
        assertThat(rows()).containsExactly("1 0.5", "2 0.5", "3 0.75", "4 0.75", "5 0.75", "6 0.75");
    }

    @Test
    void flush_ofARowThatWasReadAMomentAgo_takesOne() {
        flush(0.25, 1);
        buffer = buffer();
        View view = buffer.view(1, keys.course(COURSE));
        buffer.remember(view, List.of(new StoredCompletion("b", "unknown", 0.25, 1, 1)));

        assertThat(flush(0.5, 1)).isEqualTo(1);
        assertThat(rows()).containsExactly("1 0.5");
    }

    @Test
    void flush_afterARestart_takesRowsForWhatTheLastOnesWere() {
        flush(0.25, 1, 2, 3, 4, 5, 6);
        buffer = buffer();
        assertThat(flush(0.5, 1)).as("tried as a new one before").isEqualTo(2);
        assertThat(flush(0.5, 2, 3)).isEqualTo(1);
        assertThat(flush(0.5, 4)).isEqualTo(1);
        assertThat(flush(0.5, 5, 7)).as("BEGIN, two, COMMIT").isEqualTo(5);
        assertThat(flush(0.5, 6, 8)).as("not tried as anything").isEqualTo(4);
        assertThat(rows()).hasSize(8).allMatch(row -> row.endsWith(" 0.5"));
    }

    @Test
    void flush_ofAKnownRowThatSomebodyDeleted_isThereAgain() {
        flush(0.25, 1, 2);
        database.execute("DELETE FROM completion_blockcompletion WHERE user_id = 2");
        assertThat(flush(0.5, 1, 2)).isEqualTo(1 + 4);
        database.execute("DELETE FROM completion_blockcompletion WHERE user_id = 2");
        assertThat(flush(0.75, 2)).isEqualTo(2);
        assertThat(rows()).containsExactly("1 0.5", "2 0.75");
    }

    @Test
    void flush_underAClaim_isATransactionEachTime_withTheClaimReadFirst(Vertx vertx) throws Exception {
        DatabaseSettings settings =
                new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
        Fence fence = FenceTable.of(settings).claim("completions", UUID.randomUUID());
        session = await(UpsertSessions.create(vertx, settings, 1, Announcer.NONE, () -> Optional.of(fence))
                .open());
        int[] users = IntStream.rangeClosed(1, 400).toArray();
        assertThat(flush(0.25, users)).as("BEGIN, the claim, the rows, COMMIT").isEqualTo(4);
        assertThat(flush(0.5, users)).isEqualTo(4);
        assertThat(flush(0.75, 1)).isEqualTo(4);
        assertThat(flush(0.5, 400, 401)).as("tried as new ones before").isEqualTo(4 + 5);
        assertThat(flush(0.75, 400, 402)).isEqualTo(5);
    }

    private CompletionBuffer buffer() {
        return new CompletionBuffer(
                () -> new BufferSettings(1_000, ByteSize.ofMebibytes(16), Duration.ofMinutes(1)),
                clock,
                RecordingLog.ofNothing());
    }

    /** Returns how many commands it took. */
    private long flush(double value, int... users) {
        List<CompletionWrite> writes = new ArrayList<>();
        for (int user : users) {
            writes.add(new CompletionWrite(new CompletionKey(user, keys.course(COURSE), keys.block("b")), value));
        }
        assertThat(buffer.offer(writes, null)).isTrue();
        Drained drained = buffer.drain();
        Plan plan = Plan.of(
                drained.resets(),
                drained.writes(),
                drained.present()::contains,
                change -> false,
                500,
                1,
                Plan.Spread.RANGES);
        long before = commands();
        for (Task task : plan.lanes().get(0)) {
            await(session.commit(task.batch(), clock.horizon()));
            buffer.settle(task.changes());
        }
        return commands() - before;
    }

    private long commands() {
        Map<String, Long> status = database.globalStatus();
        return COMMANDS.stream().mapToLong(status::get).sum();
    }

    private List<String> rows() {
        return database
                .query("SELECT CONCAT(user_id, ' ', completion) FROM completion_blockcompletion ORDER BY user_id")
                .stream()
                .map(row -> row.get(0))
                .toList();
    }
}
