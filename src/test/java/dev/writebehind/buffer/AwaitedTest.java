package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.testing.RecordingLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What somebody waits for can be put into flight by itself, each of it once, and nothing else with it. */
class AwaitedTest {
    private static final int ENOUGH = 100;

    private final KeyPool pool = new KeyPool();
    private final AtomicReference<Runnable> stamping = new AtomicReference<>(() -> {});
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(1_000, ByteSize.ofMebibytes(64), Duration.ZERO),
            new ReceiptClock(() -> {
                stamping.get().run();
                return 1_000;
            }),
            RecordingLog.ofNothing(),
            () -> 0);

    @Test
    void drainAwaited_takesOnlyWhatSomebodyWaitsFor() {
        offer(write(1, "a"));
        awaited(write(1, "b"), write(2, "b"));
        offer(write(2, "a"), write(3, "a"));

        assertThat(buffer.isAnyAwaited()).isTrue();
        assertThat(keys(buffer.drainAwaited(ENOUGH))).containsExactlyInAnyOrder("1b", "2b");
        assertThat(buffer.isAnyAwaited()).isFalse();
        assertThat(keys(buffer.drainAwaited(ENOUGH))).isEmpty();
        assertThat(keys(buffer.drain())).containsExactlyInAnyOrder("1a", "2a", "3a");
    }

    @Test
    void drainAwaited_enough_leavesTheOthersForTheNext() {
        for (int user = 1; user <= 5; user++) {
            awaited(write(user, "a"));
        }
        assertThat(keys(buffer.drainAwaited(2))).containsExactly("1a", "2a");
        assertThat(keys(buffer.drainAwaited(2))).containsExactly("3a", "4a");
        assertThat(buffer.isAnyAwaited()).isTrue();
        assertThat(keys(buffer.drain())).containsExactly("5a");
        assertThat(buffer.isAnyAwaited()).as("a drain takes those as well").isFalse();
    }

    @Test
    void drainAwaited_ofAKeyInFlight_comesOnceThatIsSettled() {
        offer(write(1, "a"));
        Drained inFlight = buffer.drain();
        awaited(write(1, "a"));
        assertThat(keys(buffer.drainAwaited(ENOUGH))).isEmpty();

        buffer.settle(inFlight.writes());

        assertThat(keys(buffer.drainAwaited(ENOUGH))).containsExactly("1a");
    }

    @Test
    void drainAwaited_afterARelease_takesItAgain() {
        awaited(write(1, "a"));
        buffer.release(buffer.drainAwaited(ENOUGH).writes());
        assertThat(keys(buffer.drainAwaited(ENOUGH))).containsExactly("1a");
    }

    @Test
    void drainAwaited_behindAReset_takesTheResetFirst() {
        offer(write(1, "a"));
        LearnerCourse course = new LearnerCourse(1, pool.course("course"));
        buffer.reset(course, null);
        awaited(write(1, "b"));

        Drained first = buffer.drainAwaited(ENOUGH);
        assertThat(first.resets()).extracting(CourseReset::learnerCourse).containsExactly(course);
        assertThat(first.writes()).isEmpty();
        buffer.settle(first.resets());
        assertThat(keys(buffer.drainAwaited(ENOUGH))).containsExactly("1b");
    }

    @Test
    void drainAwaited_resetThatWaitsForWhatIsInFlight_comesOnceThatIsSettled() {
        offer(write(1, "a"));
        Drained inFlight = buffer.drain();
        buffer.reset(new LearnerCourse(1, pool.course("course")), new FlushTicket());
        assertThat(buffer.drainAwaited(ENOUGH).resets()).isEmpty();

        buffer.settle(inFlight.writes());

        assertThat(buffer.drainAwaited(ENOUGH).resets()).hasSize(1);
    }

    @Test
    void onAwaited_signalsOfferedTicketsAlone() {
        AtomicInteger signals = new AtomicInteger();
        buffer.onAwaited(signals::incrementAndGet);
        offer(write(1, "a"));
        assertThat(signals).hasValue(0);
        awaited(write(1, "a"));
        buffer.reset(new LearnerCourse(1, pool.course("course")), new FlushTicket());
        assertThat(signals).hasValue(2);
    }

    @Test
    void isAllAscii_untilTheLastOtherKeyIsInTheTable() {
        offer(write(1, "a"), write(1, "é"));
        assertThat(buffer.isAllAscii()).isFalse();
        Drained drained = buffer.drain();
        assertThat(buffer.isAllAscii()).isFalse();
        buffer.release(drained.writes());
        buffer.settle(buffer.drain().writes());
        assertThat(buffer.isAllAscii()).isTrue();

        LearnerCourse course = new LearnerCourse(1, pool.course("cours é"));
        buffer.reset(course, null);
        buffer.reset(course, null);
        assertThat(buffer.isAllAscii()).isFalse();
        buffer.settle(buffer.drain().resets());
        assertThat(buffer.isAllAscii()).isTrue();
    }

    /** Who stamps later and is drained must find it counted. */
    @Test
    void isAllAscii_isFalseBeforeTheKeyIsStamped() {
        AtomicInteger stamped = new AtomicInteger();
        stamping.set(() -> {
            assertThat(buffer.isAllAscii()).isFalse();
            stamped.incrementAndGet();
        });
        offer(write(1, "a"), write(2, "é"));
        buffer.reset(new LearnerCourse(1, pool.course("cours é")), null);
        assertThat(stamped).hasPositiveValue();
    }

    @Test
    void drain_ofAPart_takesThoseWhoHaveWaitedLongest() {
        for (int user = 1; user <= 5; user++) {
            offer(write(user, "a"));
        }
        assertThat(keys(buffer.drain(2))).containsExactly("1a", "2a");
        assertThat(keys(buffer.drain(100))).containsExactly("3a", "4a", "5a");
    }

    @Test
    void oldestWaiting_skipsWhatWasTakenAsAwaited() {
        awaited(write(1, "a"));
        offer(write(2, "a"));
        CoalescedWrite first = buffer.drainAwaited(ENOUGH).writes().get(0);
        assertThat(buffer.oldestWaiting()).isGreaterThan(first.createdAt()).isLessThan(Long.MAX_VALUE);
    }

    private void offer(CompletionWrite... writes) {
        assertThat(buffer.offer(List.of(writes), null)).isTrue();
    }

    private void awaited(CompletionWrite... writes) {
        assertThat(buffer.offer(List.of(writes), new FlushTicket())).isTrue();
    }

    private CompletionWrite write(int user, String block) {
        return new CompletionWrite(new CompletionKey(user, pool.course("course"), pool.block(block)), 0.5);
    }

    private static List<String> keys(Drained drained) {
        return drained.writes().stream()
                .map(write -> write.key().userId() + write.key().block().value())
                .toList();
    }
}
