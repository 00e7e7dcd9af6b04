package dev.writebehind.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.Receipts;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.core.NotTaken.Reason;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.ReplicatedLog;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One of two instances on a log; the test decides when what is appended is placed and read. */
@ExtendWith(VertxExtension.class)
class LogFirstTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MAX_PENDING = 3;

    private final KeyPool keys = new KeyPool();
    private final MemoryLog log = new MemoryLog(() -> 1_000_000);
    private final MemoryLog.Instance ours = log.newInstance();
    private final MemoryLog.Instance other = log.newInstance();
    private final CompletionBuffer buffer = buffer();
    private final WriteBehind service = service(ours, buffer);

    @Test
    void take_isInTheBuffer_onlyOnceItIsReadBack() {
        service.take(writes(2), Acknowledgement.MEMORY);
        ours.place(false);
        assertThat(buffer.pendingKeys()).isZero();

        ours.readNext();
        assertThat(buffer.pendingKeys()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"MEMORY", "JOURNAL"})
    void take_withoutTheTable_reachesTheLevelAskedFor(Acknowledgement level, Vertx vertx, VertxTestContext test) {
        Taking taking = service.take(writes(2), level);
        ours.place(false);

        expect(vertx, test, taking, new Acknowledged(level, 2));
    }

    @Test
    void take_untilTheTableHasIt_isAcknowledgedByTheFlush(Vertx vertx, VertxTestContext test) {
        Taking taking = service.take(writes(2), Acknowledgement.DATABASE);
        ours.place(false);
        ours.readNext();
        buffer.settle(buffer.drain().writes());

        expect(vertx, test, taking, new Acknowledged(Acknowledgement.DATABASE, 2));
    }

    /** The log stamps them, and nobody knows before they are read back: not even who would wait for less. */
    @ParameterizedTest
    @EnumSource(names = {"MEMORY", "JOURNAL"})
    void take_withReceipts_isAcknowledgedOnceTheyAreKnown(Acknowledgement level, Vertx vertx, VertxTestContext test) {
        Receipts receipts = new Receipts(2);
        Taking taking = service.take(writes(2), level, null, receipts);
        ours.place(false);
        assertThat(receipts.known()).isNotCompleted();
        ours.readNext();

        expect(vertx, test, taking, outcome -> {
            assertThat(outcome).isEqualTo(new Acknowledged(Acknowledgement.JOURNAL, 2));
            assertThat(receipts.at(0)).isEqualTo(1_000_000);
            assertThat(receipts.at(1)).isEqualTo(1_000_001);
        });
    }

    @Test
    void take_withReceiptsUntilTheTableHasIt_knowsThem(Vertx vertx, VertxTestContext test) {
        service.take(writes(3), Acknowledgement.MEMORY);
        Receipts receipts = new Receipts(1);
        Taking taking = service.take(writes(1), Acknowledgement.DATABASE, null, receipts);
        ours.place(false);
        ours.place(false);
        ours.readNext();
        ours.readNext();
        buffer.settle(buffer.drain().writes());

        expect(vertx, test, taking, outcome -> {
            assertThat(outcome).isEqualTo(new Acknowledged(Acknowledgement.DATABASE, 1));
            assertThat(receipts.at(0)).isEqualTo(1_000_003);
        });
    }

    @Test
    void take_withReceiptsWhoseAppendFails_isPerhapsTakenAndSaysWhy(Vertx vertx, VertxTestContext test) {
        Taking taking = service.take(writes(1), Acknowledgement.JOURNAL, null, new Receipts(1));
        ours.lose();

        expect(vertx, test, taking, outcome -> {
            assertThat(((NotTaken) outcome).reason()).isEqualTo(Reason.NOT_ACKNOWLEDGED);
            assertThat(((NotTaken) outcome).detail()).endsWith("send it again: it is lost");
        });
    }

    @Test
    void take_whoseAppendFails_isPerhapsTaken(Vertx vertx, VertxTestContext test) {
        Taking taking = service.take(writes(1), Acknowledgement.JOURNAL);
        ours.lose();

        expectNo(vertx, test, taking, Reason.NOT_ACKNOWLEDGED);
    }

    @Test
    void take_beyondTheBounds_isRefused_andNothingIsAppended(Vertx vertx, VertxTestContext test) {
        Taking taking = service.take(writes(MAX_PENDING + 1), Acknowledgement.JOURNAL);

        assertThat(ours.isEmpty()).isTrue();
        expectNo(vertx, test, taking, Reason.BUFFER_FULL);
    }

    @Test
    void take_ofKeysThatArePending_isTakenInAFullBuffer(Vertx vertx, VertxTestContext test) {
        service.take(writes(MAX_PENDING), Acknowledgement.MEMORY);
        ours.place(false);
        ours.readNext();
        Taking taking = service.take(writes(MAX_PENDING), Acknowledgement.JOURNAL);
        ours.place(false);

        expect(vertx, test, taking, new Acknowledged(Acknowledgement.JOURNAL, MAX_PENDING));
    }

    @Test
    void otherInstancesChanges_areTakenOver_whateverTheBounds() {
        WriteBehind otherService = service(other, buffer());
        for (int i = 0; i < 2; i++) { // none of the first is read yet when the second is checked
            otherService.take(writes(i * MAX_PENDING, MAX_PENDING), Acknowledgement.MEMORY);
            other.place(false);
        }
        ours.readNext();
        ours.readNext();

        assertThat(buffer.pendingKeys()).isEqualTo(2L * MAX_PENDING);
    }

    @Test
    void reset_isAcknowledgedByTheLogAtLeast(Vertx vertx, VertxTestContext test) {
        Taking taking = service.reset(LearnerCourse.of(writes(1).get(0).key()), Acknowledgement.MEMORY, null);
        ours.place(false);

        expect(vertx, test, taking, new Acknowledged(Acknowledgement.JOURNAL, 1));
    }

    @Test
    void reset_beyondTheBounds_isRefused_unlessItUndoesWhatWaits(Vertx vertx, VertxTestContext test) {
        service.take(writes(MAX_PENDING), Acknowledgement.MEMORY);
        ours.place(false);
        ours.readNext();
        LearnerCourse strange = new LearnerCourse(77, keys.course("c"));

        expectNo(vertx, test, service.reset(strange, Acknowledgement.JOURNAL, null), Reason.BUFFER_FULL);
        assertThat(ours.isEmpty()).isTrue();

        service.reset(LearnerCourse.of(writes(1).get(0).key()), Acknowledgement.JOURNAL, null);
        ours.place(false);
        ours.readNext();
        assertThat(buffer.pendingKeys()).isEqualTo(1);
    }

    @Test
    void changes_whileTheLogsQueueIsFull_areRefused(Vertx vertx, VertxTestContext test) {
        ours.hasRoom = false;

        expectNo(vertx, test, service.take(writes(1), Acknowledgement.MEMORY), Reason.JOURNAL_BEHIND);
    }

    @Test
    void changes_whileTheLogIsAway_areRefused(Vertx vertx, VertxTestContext test) {
        ours.state = new JournalState.Failed("no broker answers");

        expectNo(vertx, test, service.take(writes(1), Acknowledgement.MEMORY), Reason.JOURNAL_UNAVAILABLE);
    }

    @Test
    void caughtUp_waitsForWhatOthersAppendedBefore() {
        LogFirst acceptance = following(log.newInstance(), buffer());
        MemoryLog.Instance third = log.newInstance();
        LogFirst follower = following(third, buffer());
        service(other, buffer()).take(writes(1), Acknowledgement.MEMORY);
        other.place(false);

        CompletionStage<Void> caughtUp = follower.caughtUp();
        assertThat(caughtUp).isNotCompleted();
        third.readNext();
        assertThat(caughtUp).isCompleted();
        assertThat(acceptance.caughtUp()).isNotCompleted();
    }

    private static CompletionBuffer buffer() {
        return new CompletionBuffer(
                () -> new BufferSettings(MAX_PENDING, ByteSize.ofMebibytes(1), Duration.ZERO),
                new ReceiptClock(),
                ChangeLog.DURABLE_BEFORE);
    }

    private List<CompletionWrite> writes(int count) {
        return writes(0, count);
    }

    private List<CompletionWrite> writes(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> new CompletionWrite(new CompletionKey(7, keys.course("c"), keys.block("b" + i)), 1.0))
                .toList();
    }

    private static void expect(Vertx vertx, VertxTestContext test, Taking taking, Outcome expected) {
        expect(vertx, test, taking, outcome -> assertThat(outcome).isEqualTo(expected));
    }

    private static void expectNo(Vertx vertx, VertxTestContext test, Taking taking, Reason expected) {
        expect(
                vertx,
                test,
                taking,
                outcome -> assertThat(((NotTaken) outcome).reason()).isEqualTo(expected));
    }

    private static void expect(Vertx vertx, VertxTestContext test, Taking taking, Consumer<Outcome> check) {
        vertx.runOnContext(on -> taking.outcome(Waiting.on(vertx))
                .onComplete(test.succeeding(outcome -> test.verify(() -> {
                    check.accept(outcome);
                    test.completeNow();
                }))));
    }

    private static WriteBehind service(ReplicatedLog log, CompletionBuffer buffer) {
        return WriteBehind.on(following(log, buffer), buffer, () -> PATIENCE);
    }

    private static LogFirst following(ReplicatedLog log, CompletionBuffer buffer) {
        LogFirst acceptance = new LogFirst(log, buffer, told -> {});
        acceptance.begin();
        return acceptance;
    }
}
