package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A buffer of an instance that follows a log, and hears from it what another one has flushed. */
class FollowedLogTest {
    private static final long RETAIN_NANOS = Duration.ofSeconds(10).toNanos();

    private final KeyPool pool = new KeyPool();
    private final LearnerCourse learnerCourse = new LearnerCourse(1, pool.course("c"));
    private final CompletionKey key = new CompletionKey(1, pool.course("c"), pool.block("b"));
    private final AtomicLong nanos = new AtomicLong();
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(1_000, ByteSize.ofMebibytes(16), Duration.ofNanos(RETAIN_NANOS)),
            new ReceiptClock(() -> 0),
            ChangeLog.DURABLE_BEFORE,
            nanos::get);
    private final FollowedLog log = buffer.followedLog();

    @BeforeEach
    void follow() {
        log.follow();
    }

    @Test
    void flushed_upToTheMiddleOfARun_leavesWhatCameLater_asIfItBeganThen() {
        write(0, 10);
        write(0.5, 20);
        write(1, 30);
        write(1, 40);
        log.flushed(key, 25);
        assertThat(log.oldestUnsettled()).isEqualTo(30);
        assertThat(drained()).containsExactly(new CoalescedWrite(key, 1, 30, 30, 40, true));
    }

    @Test
    void flushed_upToWhereNothingChangedAfter_leavesARunThatChangesNothing() {
        write(0, 10);
        write(1, 20);
        write(1, 30);
        log.flushed(key, 25);
        assertThat(drained()).containsExactly(new CoalescedWrite(key, 1, 30, 30, 30, false));
    }

    @Test
    void flushed_upToTheEndOfARun_orLater_leavesNothing_andKeepsItReadable() {
        write(1, 10);
        log.flushed(key, 10);
        assertThat(buffer.pendingKeys()).isZero();
        assertThat(log.oldestUnsettled()).isEqualTo(Long.MAX_VALUE);
        assertThat(buffer.view(1, pool.course("c")).flushed()).hasSize(1);
    }

    @Test
    void flushed_beforeARun_leavesAllOfIt() {
        CompletableFuture<Void> told = waiter(1, 10);
        log.flushed(key, 9);
        assertThat(told).isNotDone();
        assertThat(drained()).containsExactly(new CoalescedWrite(key, 1, 10, 10, 10, false));
    }

    @Test
    void flushed_tellsThoseAlone_whoWaitForWhatIsThere() {
        CompletableFuture<Void> first = waiter(0, 10);
        CompletableFuture<Void> second = waiter(1, 20);
        log.flushed(key, 10);
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        log.flushed(key, 20);
        assertThat(second).isCompleted();
    }

    @Test
    void buried_refusesThoseAlone_whoWaitForIt_andLeavesWhatCameLater() {
        CompletableFuture<Void> first = waiter(0, 10);
        CompletableFuture<Void> second = waiter(1, 20);
        log.buried(key, 10, new RefusedByDatabaseException("no"));
        assertThat(first).isCompletedExceptionally();
        assertThat(second).isNotDone();
        assertThat(drained()).containsExactly(new CoalescedWrite(key, 1, 20, 20, 20, true));
    }

    @Test
    void flushed_ofWhatIsInFlight_isLeftToItsOwnCommit() {
        write(1, 10);
        log.lead();
        Drained drained = buffer.drain();
        CompletableFuture<Void> behind = waiter(0.5, 20);
        log.flushed(key, 20);
        assertThat(behind).isNotDone();
        buffer.settle(drained.writes());
        assertThat(behind).isNotDone();
        Drained next = buffer.drain();
        assertThat(next.writes()).containsExactly(new CoalescedWrite(key, 0.5, 20, 20, 20, false));
        buffer.settle(next.writes());
        log.apply(List.of(new CompletionWrite(key, 1)), 30, null);
        assertThat(buffer.drain().writes()).hasSize(1);
    }

    /** Else what flies and fails would wait again, and bring a row back that the reset has deleted. */
    @Test
    void carriedOut_whileSomethingFlies_leavesTheResetStanding_whichUndoesIt() {
        write(1, 10);
        log.lead();
        Drained drained = buffer.drain();
        log.apply(new CourseReset(learnerCourse, 20), null);
        log.carriedOut(new CourseReset(learnerCourse, 20));
        buffer.release(drained.writes());
        Drained next = buffer.drain();
        assertThat(next.writes()).isEmpty();
        assertThat(next.resets()).containsExactly(new CourseReset(learnerCourse, 20));
    }

    @Test
    void carriedOut_endsTheReset_butNotALaterOne() {
        FlushTicket ticket = new FlushTicket();
        log.apply(new CourseReset(learnerCourse, 20), ticket);
        log.carriedOut(new CourseReset(learnerCourse, 19));
        assertThat(buffer.pendingKeys()).isEqualTo(1);
        log.carriedOut(new CourseReset(learnerCourse, 20));
        assertThat(buffer.pendingKeys()).isZero();
        assertThat(ticket.flushed().toCompletableFuture()).isCompleted();
    }

    @Test
    void allFlushed_settlesWhatNobodyTold() {
        write(1, 10);
        log.apply(new CourseReset(new LearnerCourse(2, pool.course("c")), 20), null);
        write(0.5, 30);
        log.allFlushed(29);
        assertThat(buffer.pendingKeys()).isEqualTo(1);
        assertThat(log.oldestUnsettled()).isEqualTo(30);
        log.allFlushed(30);
        assertThat(buffer.pendingKeys()).isZero();
    }

    /** What a drain would take from the queues stays in them for ever where none comes. */
    @Test
    void follow_whateverComesAndGoes_queuesNothing_untilItLeads() {
        for (int i = 1; i <= 1_000; i++) {
            write(1, i);
            log.flushed(key, i);
            nanos.addAndGet(2 * RETAIN_NANOS);
            buffer.cleanUp();
        }
        write(1, 2_000);
        assertThat(buffer.queuedEntries()).isZero();
        log.lead();
        assertThat(buffer.queuedEntries()).isEqualTo(2); // as what waits, and as what somebody waits for
        assertThat(drained()).hasSize(1);
        write(1, 3_000);
        assertThat(buffer.queuedEntries()).isEqualTo(2);
        log.follow();
        write(1, 4_000);
        assertThat(buffer.queuedEntries()).isZero();
        log.lead();
        assertThat(buffer.queuedEntries()).isEqualTo(2);
    }

    private List<CoalescedWrite> drained() {
        log.lead();
        return buffer.drain().writes();
    }

    private void write(double value, long stamp) {
        assertThat(waiter(value, stamp)).isNotDone();
    }

    /** Writes, and returns what completes once that is in the table. */
    private CompletableFuture<Void> waiter(double value, long stamp) {
        FlushTicket ticket = new FlushTicket();
        log.apply(List.of(new CompletionWrite(key, value)), stamp, ticket);
        return ticket.flushed().toCompletableFuture();
    }
}
