package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.testing.RecordingLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Resets of what was received before a moment that is long past: what came since then stands, wherever it is. */
class LateResetTest {
    private final KeyPool pool = new KeyPool();
    private final LearnerCourse learnerCourse = new LearnerCourse(1, pool.course("course"));
    private final AtomicLong micros = new AtomicLong(1_000);
    private final CompletionBuffer buffer = buffer(Duration.ofSeconds(10));
    private final Map<String, StoredCompletion> table = new TreeMap<>();

    private CompletionBuffer buffer(Duration retain) {
        return new CompletionBuffer(
                () -> new BufferSettings(1_000, ByteSize.ofMebibytes(16), retain),
                new ReceiptClock(micros::getAndIncrement),
                RecordingLog.ofNothing(),
                () -> 0);
    }

    @Test
    void reset_undoesWhatWaits_fromBeforeItsMoment_andNothingElse() {
        write("old", 1);
        long moment = micros.get();
        write("new", 1);
        reset(moment);
        flush();
        assertThat(table.keySet()).containsExactly("new");
    }

    /** The row would have the time of the first, and go with a reset that is sent once more. */
    @Test
    void run_thatBeganBeforeTheMoment_beginsAfterIt_andOutlastsTheSameResetSentAgain() {
        write("block", 1);
        long moment = micros.get();
        write("block", 1);
        reset(moment);
        flush();
        reset(moment);
        flush();
        assertThat(table.get("block").createdAt()).isGreaterThanOrEqualTo(moment);
    }

    @Test
    void run_inFlight_whoseRowTheResetDeletes_isWrittenAnew_flushedOrNot() {
        for (boolean flushed : List.of(true, false)) {
            table.clear();
            write("block", 1);
            long moment = micros.get();
            write("block", 1);
            Drained drained = buffer.drain();
            reset(moment);
            finish(drained, flushed);
            flush();
            assertThat(table).as("flushed: %s", flushed).containsOnlyKeys("block");
            assertThat(buffer.pendingKeys()).isZero();
            reset(CourseReset.RECEIPT);
            flush();
        }
    }

    /** A row that came back meanwhile has the value already, so that the write left it as it was. */
    @Test
    void run_flushedAMomentAgo_whoseRowIsFromBefore_isWrittenAnew() {
        write("block", 1);
        flush();
        long moment = micros.get();
        write("block", 1);
        flush();
        assertThat(table.get("block").modifiedAt()).isLessThan(moment);
        reset(moment);
        flush();
        assertThat(table.get("block").createdAt()).isGreaterThanOrEqualTo(moment);
    }

    /** In the table with an equal value, on its way there, and behind that: all of one key. */
    @Test
    void runs_thatFollowEachOther_areOneThatBeginsWithTheFirstAfterTheMoment() {
        write("block", 1);
        flush();
        long moment = micros.get();
        write("block", 1);
        flush();
        write("block", 0.5);
        Drained drained = buffer.drain();
        write("block", 0.5);
        reset(moment);
        finish(drained, false);
        flush();
        assertThat(table.get("block").createdAt()).isEqualTo(moment);
        assertThat(table.get("block").modifiedAt()).isEqualTo(moment + 1);
    }

    @Test
    void waiter_ofARunInFlight_thatTheResetLeaves_isServedOnceItIsInTheTable() {
        long moment = micros.get();
        FlushTicket ticket = new FlushTicket();
        assertThat(buffer.offer(List.of(new CompletionWrite(key("block"), 1)), ticket))
                .isTrue();
        Drained drained = buffer.drain();
        reset(moment);
        finish(drained, false);
        Drained reset = buffer.drain();
        assertThat(reset.resets()).hasSize(1);
        finish(reset, true);
        assertThat(ticket.flushed().toCompletableFuture()).isNotDone();
        flush();
        assertThat(ticket.flushed().toCompletableFuture()).isCompleted();
    }

    @Test
    void reset_ofAnEarlierMoment_isCoveredByOneThatStands() {
        long moment = micros.get();
        write("block", 1);
        flush();
        reset(CourseReset.RECEIPT);
        FlushTicket ticket = new FlushTicket();
        assertThat(buffer.reset(learnerCourse, moment, ticket)).isTrue();
        assertThat(buffer.pendingKeys()).isEqualTo(1);
        flush();
        assertThat(table).isEmpty();
        assertThat(ticket.flushed().toCompletableFuture()).isCompleted();
    }

    @Test
    void replay_ofALateReset_behindAnotherOne_bringsNothingBack_andLeavesWhatCameSince() {
        CompletionBuffer restored = buffer(Duration.ZERO);
        List<Change> log = List.of(
                run("a", 10, 10),
                new CourseReset(learnerCourse, 20),
                new CourseReset(learnerCourse, 5),
                run("b", 15, 15),
                run("c", 15, 30));
        log.forEach(change -> restored.restore(change, RecordingLog.ofNothing().append(change, null)));
        Drained drained = restored.drain();
        assertThat(drained.resets()).containsExactly(new CourseReset(learnerCourse, 20));
        restored.settle(drained.resets());
        assertThat(restored.drain().writes())
                .extracting(write -> write.key().block().value())
                .containsExactly("c");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void randomWritesAndResets_leaveWhatResetsInTimeWouldHave(long seed) {
        Random random = new Random(seed);
        Map<String, TreeMap<Long, Double>> received = new HashMap<>();
        List<Drained> flying = new ArrayList<>();
        int resets = 0;
        for (int i = 1; i <= 3_000; i++) {
            int what = random.nextInt(20);
            if (what < 12) {
                String block = "b" + random.nextInt(4);
                received.computeIfAbsent(block, first -> new TreeMap<>()).put(micros.get(), i / 3_000.0);
                write(block, i / 3_000.0);
            } else if (what <= 13) {
                long moment = micros.get() - random.nextInt(15);
                received.values().forEach(writes -> writes.headMap(moment).clear());
                reset(moment);
                resets++;
            } else if (flying.isEmpty()) {
                flying.add(buffer.drain());
            } else {
                finish(flying.remove(0), random.nextInt(3) > 0);
            }
            if (i % 30 == 0) {
                flying.forEach(drained -> finish(drained, true));
                flying.clear();
                flush();
                assertSame(received);
            }
        }
        assertThat(resets).isGreaterThan(50);
        assertThat(buffer.pendingKeys()).isZero();
    }

    private void assertSame(Map<String, ? extends NavigableMap<Long, Double>> received) {
        received.values().removeIf(Map::isEmpty);
        assertThat(table.keySet()).isEqualTo(new TreeMap<>(received).keySet());
        received.forEach((block, writes) -> {
            assertThat(table.get(block).completion())
                    .isEqualTo(writes.lastEntry().getValue());
            assertThat(table.get(block).modifiedAt()).isEqualTo(writes.lastKey());
        });
    }

    private CompletionKey key(String block) {
        return new CompletionKey(1, learnerCourse.course(), pool.block(block));
    }

    private CoalescedWrite run(String block, long created, long received) {
        return new CoalescedWrite(key(block), 1, created, created, received, false);
    }

    private void write(String block, double value) {
        assertThat(buffer.offer(List.of(new CompletionWrite(key(block), value)), null))
                .isTrue();
    }

    private void reset(long moment) {
        assertThat(buffer.reset(learnerCourse, moment, null)).isTrue();
    }

    private void flush() {
        for (int cycle = 0; cycle < 4; cycle++) {
            finish(buffer.drain(), true);
        }
    }

    private void finish(Drained drained, boolean flushed) {
        List<Change> all = new ArrayList<>(drained.resets());
        all.addAll(drained.writes());
        if (!flushed) {
            buffer.release(all);
            return;
        }
        for (CourseReset reset : drained.resets()) {
            table.values().removeIf(row -> row.modifiedAt() < reset.receivedAt());
        }
        for (CoalescedWrite write : drained.writes()) {
            table.compute(write.key().block().value(), (block, row) -> write.applyTo(row));
        }
        buffer.settle(all);
    }
}
