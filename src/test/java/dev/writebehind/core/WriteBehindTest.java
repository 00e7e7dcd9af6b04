package dev.writebehind.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.JournalSettings;
import dev.writebehind.core.NotTaken.Reason;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.file.FileJournal;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.TemporaryDirectory;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operations without HTTP: a real journal, a real buffer, and the test in the flusher's place. */
@ExtendWith(VertxExtension.class)
class WriteBehindTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration NONE = Duration.ofMillis(30);

    private final KeyPool keys = new KeyPool();
    private SwitchedJournal journal;
    private CompletionBuffer buffer;

    @BeforeEach
    void open() throws IOException {
        journal = new SwitchedJournal(FileJournal.open(
                JournalSettings.ofFiles(TemporaryDirectory.create("journal"), ByteSize.ofMebibytes(1)),
                keys,
                new Conditions(Clock.systemUTC())));
        buffer = new CompletionBuffer(
                () -> new BufferSettings(3, ByteSize.ofMebibytes(1), Duration.ZERO), new ReceiptClock(), journal);
        journal.replay(buffer::restore);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"MEMORY", "JOURNAL"})
    void take_withoutTheTable_reachesTheLevelAskedFor(Acknowledgement level, Vertx vertx, VertxTestContext test) {
        expect(vertx, test, service(PATIENCE).take(writes(2), level), new Acknowledged(level, 2));
    }

    @Test
    void take_asFarAsTheTable_waitsForTheFlush(Vertx vertx, VertxTestContext test) {
        Taking taking = service(PATIENCE).take(writes(2), Acknowledgement.DATABASE);
        List<Change> drained = drain();
        buffer.settle(drained);
        expect(vertx, test, taking, new Acknowledged(Acknowledgement.DATABASE, 2));
    }

    @Test
    void take_tableIsNotReachedInTime_saysThatItWillBe(Vertx vertx, VertxTestContext test) {
        expectNo(
                vertx,
                test,
                service(NONE).take(writes(1), Acknowledgement.DATABASE),
                Reason.NOT_YET_FLUSHED,
                no -> assertThat(buffer.pendingKeys()).isOne());
    }

    @Test
    void take_byACallerOfLessPatience_isToldInTime(Vertx vertx, VertxTestContext test) {
        expectNo(
                vertx,
                test,
                service(PATIENCE).take(writes(1), Acknowledgement.DATABASE, NONE, null),
                Reason.NOT_YET_FLUSHED,
                no -> {});
    }

    @Test
    void take_byACallerOfMorePatience_isToldInTimeAllTheSame(Vertx vertx, VertxTestContext test) {
        expectNo(
                vertx,
                test,
                service(NONE).take(writes(1), Acknowledgement.DATABASE, Duration.ofHours(1_000_000), null),
                Reason.NOT_YET_FLUSHED,
                no -> {});
    }

    /** The time is for both: neither the table nor the disk begins to count anew. */
    @Test
    void take_neitherFlushedNorJournaledInTime_isToldInThatTime(Vertx vertx, VertxTestContext test) {
        journal.sync = new CompletableFuture<>();
        Duration patience = Duration.ofSeconds(2);
        long begun = System.nanoTime();
        long naps = Naps.nanos();
        expectNo(
                vertx,
                test,
                service(PATIENCE).take(writes(1), Acknowledgement.DATABASE, patience, null),
                Reason.NOT_ACKNOWLEDGED,
                no -> {
                    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(patience);
                    assertThat(Naps.since(naps))
                            .isLessThan(patience.multipliedBy(2).minusMillis(100));
                });
    }

    @Test
    void take_databaseRefusesOne_saysThatTheOthersAreTaken(Vertx vertx, VertxTestContext test) {
        Taking taking = service(PATIENCE).take(writes(2), Acknowledgement.DATABASE);
        List<Change> drained = drain();
        buffer.bury(drained.get(0), new RefusedByDatabaseException("Data too long"));
        expectNo(
                vertx,
                test,
                taking,
                Reason.REFUSED_BY_DATABASE,
                no -> assertThat(no.detail()).contains("dead letter", "Data too long"));
    }

    @ParameterizedTest
    @EnumSource
    void take_moreKeysThanTheBufferHolds_takesNone(Acknowledgement level, Vertx vertx, VertxTestContext test) {
        expectNo(
                vertx,
                test,
                service(PATIENCE).take(writes(4), level),
                Reason.BUFFER_FULL,
                no -> assertThat(buffer.pendingKeys()).isZero());
    }

    @ParameterizedTest
    @EnumSource(names = {"JOURNAL", "DATABASE"})
    void take_journalsQueueIsFull_takesNone(Acknowledgement level, Vertx vertx, VertxTestContext test) {
        journal.hasRoom = false;
        expectNo(
                vertx,
                test,
                service(PATIENCE).take(writes(1), level),
                Reason.JOURNAL_BEHIND,
                no -> assertThat(buffer.pendingKeys()).isZero());
    }

    @ParameterizedTest
    @EnumSource
    void take_journalIsDown_takesNoneAtAnyLevel(Acknowledgement level, Vertx vertx, VertxTestContext test) {
        journal.state = new JournalState.Failed("I/O error");
        expectNo(vertx, test, service(PATIENCE).take(writes(1), level), Reason.JOURNAL_UNAVAILABLE, no -> {
            assertThat(no.detail()).contains("I/O error");
            assertThat(service(PATIENCE).unavailable()).contains(no);
            assertThat(buffer.pendingKeys()).isZero();
        });
    }

    @Test
    void take_diskFailsMeanwhile_saysThatItMayBeTakenOrNot(Vertx vertx, VertxTestContext test) {
        journal.sync = CompletableFuture.failedFuture(new IOException("Input/output error"));
        expectNo(
                vertx,
                test,
                service(PATIENCE).take(writes(1), Acknowledgement.JOURNAL),
                Reason.NOT_ACKNOWLEDGED,
                no -> assertThat(no.detail()).contains("send it again", "Input/output error"));
    }

    @Test
    void take_diskDoesNotAnswer_saysSoInTime(Vertx vertx, VertxTestContext test) {
        journal.sync = new CompletableFuture<>();
        expectNo(
                vertx,
                test,
                service(NONE).take(writes(1), Acknowledgement.JOURNAL),
                Reason.NOT_ACKNOWLEDGED,
                no -> assertThat(no.detail()).contains("does not answer in time"));
    }

    /** What is in the table may be undone by an older state of the journal: both must have it. */
    @Test
    void take_flushedButNotJournaled_isNotAcknowledged(Vertx vertx, VertxTestContext test) {
        journal.sync = CompletableFuture.failedFuture(new IOException("Input/output error"));
        Taking taking = service(PATIENCE).take(writes(1), Acknowledgement.DATABASE);
        buffer.settle(drain());
        expectNo(vertx, test, taking, Reason.NOT_ACKNOWLEDGED, no -> {});
    }

    @Test
    void reset_ofMemory_isAcknowledgedByTheJournalAllTheSame(Vertx vertx, VertxTestContext test) {
        LearnerCourse course = new LearnerCourse(7, keys.course("course-v1:O+C+R"));
        expect(
                vertx,
                test,
                service(PATIENCE).reset(course, Acknowledgement.MEMORY, null),
                new Acknowledged(Acknowledgement.JOURNAL, 1));
    }

    @Test
    void abandon_ofOneThatWaitsForTheTable_endsTheWait(Vertx vertx, VertxTestContext test) {
        Taking taking = service(PATIENCE).take(writes(1), Acknowledgement.DATABASE);
        taking.abandon();
        expectNo(vertx, test, taking, Reason.NOT_YET_FLUSHED, no -> {});
    }

    private WriteBehind service(Duration ackTimeout) {
        return WriteBehind.on(journal, buffer, () -> ackTimeout);
    }

    private List<Change> drain() {
        List<Change> drained = List.copyOf(buffer.drain().writes());
        assertThat(drained).isNotEmpty();
        return drained;
    }

    private List<CompletionWrite> writes(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new CompletionWrite(
                        new CompletionKey(
                                7, keys.course("course-v1:O+C+R"), keys.block("block-v1:O+C+R+type@html+block@" + i)),
                        0.5))
                .toList();
    }

    private static void expect(Vertx vertx, VertxTestContext test, Taking taking, Outcome expected) {
        vertx.runOnContext(on -> taking.outcome(Waiting.on(vertx))
                .onComplete(test.succeeding(outcome -> test.verify(() -> {
                    assertThat(outcome).isEqualTo(expected);
                    test.completeNow();
                }))));
    }

    private static void expectNo(
            Vertx vertx, VertxTestContext test, Taking taking, Reason reason, Consumer<NotTaken> check) {
        vertx.runOnContext(on -> taking.outcome(Waiting.on(vertx))
                .onComplete(test.succeeding(outcome -> test.verify(() -> {
                    assertThat(outcome).isInstanceOfSatisfying(NotTaken.class, no -> {
                        assertThat(no.reason()).isEqualTo(reason);
                        check.accept(no);
                    });
                    test.completeNow();
                }))));
    }
}
