package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.config.FlushSettings;
import dev.writebehind.testing.ShowsEffectOf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlushScheduleTest {
    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger cycles = new AtomicInteger();
    private final AtomicInteger groups = new AtomicInteger();
    private final RecordedTimers timers = new RecordedTimers();
    private FlushSettings settings = settings(Duration.ofMillis(100), Duration.ofSeconds(10));
    private final FlushSchedule schedule = new FlushSchedule(
            () -> settings,
            () -> Math.nextDown(1.0),
            timers,
            now::get,
            cycles::incrementAndGet,
            groups::incrementAndGet);

    @BeforeEach
    void start() {
        schedule.start();
    }

    @Test
    void start_waitsForAnInterval() {
        assertThat(timers.millis).containsExactly(100L);
        assertThat(cycles).hasValue(0);

        timers.fire();

        assertThat(cycles).hasValue(1);
        assertThat(schedule.isFlushing()).isTrue();
    }

    @Test
    void succeeded_waitsForWhatIsLeftOfTheInterval() {
        timers.fire();
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(30));
        schedule.succeeded(false, false);
        assertThat(timers.millis).containsExactly(70L);

        timers.fire();
        now.addAndGet(TimeUnit.SECONDS.toNanos(30));
        schedule.succeeded(false, false);
        assertThat(timers.millis).as("after a long cycle").containsExactly(1L);
        assertThat(cycles).hasValue(2);
    }

    @Test
    void now_whileItWaits_beginsAtOnceAndTheTimerIsGone() {
        schedule.now();

        assertThat(cycles).hasValue(1);
        assertThat(timers.millis).isEmpty();
    }

    @Test
    void now_duringACycle_hasAnotherFollow() {
        schedule.now();
        schedule.now();
        schedule.now();
        assertThat(cycles).as("one at a time").hasValue(1);

        schedule.succeeded(false, false);
        assertThat(cycles).hasValue(2);
        schedule.succeeded(false, false);
        assertThat(cycles).as("asked for before that one").hasValue(2);
        assertThat(timers.millis).containsExactly(100L);
    }

    @Test
    void succeeded_withMoreToDo_beginsAtOnce() {
        schedule.now();
        schedule.succeeded(true, false);

        assertThat(cycles).hasValue(2);
    }

    @Test
    void rest_whateverWasAskedFor_waits() {
        schedule.now();
        schedule.now();
        schedule.rest();

        assertThat(cycles).hasValue(1);
        assertThat(timers.millis).containsExactly(100L);
    }

    @Test
    void failed_pausesLongerEachTimeUntilACycleGoesWell() {
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            schedule.now();
            schedule.failed(true);
            pauses.addAll(timers.millis);
        }
        assertThat(pauses).containsExactly(100L, 200L, 400L);

        schedule.now();
        schedule.succeeded(false, false);
        schedule.now();
        schedule.failed(true);
        assertThat(timers.millis).containsExactly(100L);
    }

    @Test
    @ShowsEffectOf("flush.max-backoff")
    void failed_forGood_pausesAsLongAsItMay() {
        schedule.now();
        schedule.failed(false);

        assertThat(timers.millis).containsExactly(10_000L);
    }

    @Test
    void onThreshold_afterAFailure_waitsOn() {
        schedule.onThreshold();
        assertThat(cycles).hasValue(1);
        schedule.onThreshold();
        schedule.succeeded(false, false);
        assertThat(cycles).as("reached during a cycle").hasValue(2);

        schedule.failed(true);
        schedule.onThreshold();
        assertThat(cycles).hasValue(2);
        schedule.now();
        assertThat(cycles).as("asked for").hasValue(3);
    }

    @Test
    void goOn_whereNothingIsToCome_hasACycleCome() {
        schedule.now();
        schedule.goOn();
        assertThat(timers.millis).containsExactly(10_000L);

        schedule.goOn();
        assertThat(timers.millis).as("one is to come").containsExactly(10_000L);
    }

    @Test
    void reconsider_whileItWaits_countsTheNewIntervalFromTheOldOnesBeginning() {
        timers.fire();
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
        schedule.succeeded(false, false);
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(20));

        settings = settings(Duration.ofMillis(50), Duration.ofSeconds(10));
        schedule.reconsider();
        assertThat(timers.millis).containsExactly(20L);

        settings = settings(Duration.ofMillis(500), Duration.ofSeconds(10));
        schedule.reconsider();
        assertThat(timers.millis).as("longer, and none of before").containsExactly(470L);

        settings = settings(Duration.ofMillis(5), Duration.ofSeconds(10));
        schedule.reconsider();
        assertThat(timers.millis).as("over already").containsExactly(1L);
        timers.fire();
        assertThat(cycles).hasValue(2);
    }

    @Test
    void reconsider_afterAFailure_waitsOnButNoLongerThanItMay() {
        for (int i = 0; i < 4; i++) {
            schedule.now();
            schedule.failed(true);
        }
        assertThat(timers.millis).containsExactly(800L);
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));

        settings = settings(Duration.ofMillis(1), Duration.ofSeconds(10));
        schedule.reconsider();
        assertThat(timers.millis).as("an interval does not mend what failed").containsExactly(700L);

        settings = settings(Duration.ofMillis(1), Duration.ofMillis(300));
        schedule.reconsider();
        assertThat(timers.millis).containsExactly(200L);
        schedule.onThreshold();
        assertThat(cycles).as("still after a failure").hasValue(4);
    }

    @Test
    void reconsider_duringACycleOrAfterTheStop_setsNoTimer() {
        schedule.now();
        schedule.reconsider();
        assertThat(timers.millis).isEmpty();

        schedule.stop();
        schedule.reconsider();
        assertThat(timers.millis).isEmpty();
    }

    @Test
    void onAwaited_whileItWaits_beginsAGroupAndTheNextCycleKeepsItsTime() {
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(40));
        schedule.onAwaited();
        assertThat(groups).hasValue(1);
        assertThat(cycles).hasValue(0);
        assertThat(schedule.isFlushing()).isTrue();
        assertThat(timers.millis).isEmpty();

        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
        schedule.succeeded(false, false);
        assertThat(timers.millis).containsExactly(50L);
    }

    @Test
    void succeeded_groupAndAnotherIsAwaited_followsAtOnceUntilTheCycleIsDue() {
        schedule.onAwaited();
        for (int i = 2; i <= 10; i++) {
            now.addAndGet(TimeUnit.MILLISECONDS.toNanos(11));
            schedule.succeeded(false, true);
            assertThat(groups).hasValue(i);
        }
        assertThat(cycles).hasValue(0);

        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(11));
        schedule.succeeded(false, true);
        assertThat(cycles)
                .as("those who wait don't keep the others from the table")
                .hasValue(1);
        assertThat(groups).hasValue(10);
    }

    @Test
    void succeeded_cycleWithMoreAndAGroupAwaited_theyTakeTurns() {
        schedule.now();
        schedule.succeeded(true, true);
        assertThat(groups).hasValue(1);
        schedule.succeeded(false, true);
        assertThat(cycles).hasValue(2);
        schedule.succeeded(false, true);
        assertThat(groups).hasValue(2);
        schedule.succeeded(false, false);
        assertThat(cycles).as("there was no more").hasValue(2);
        assertThat(timers.millis).containsExactly(100L);
    }

    @Test
    void now_duringAGroup_theCycleFollowsIt() {
        schedule.onAwaited();
        schedule.now();
        assertThat(cycles).hasValue(0);

        schedule.succeeded(false, true);

        assertThat(cycles).hasValue(1);
    }

    @Test
    void onAwaited_afterAFailure_waitsOn() {
        schedule.onAwaited();
        schedule.failed(true);
        schedule.onAwaited();

        assertThat(groups).hasValue(1);
        assertThat(timers.millis).hasSize(1);
        timers.fire();
        assertThat(cycles).as("all of it is tried next").hasValue(1);
    }

    @Test
    void onAwaited_duringACycleOrGroup_beginsNothing() {
        schedule.now();
        schedule.onAwaited();
        assertThat(groups).hasValue(0);
        schedule.succeeded(false, true);
        schedule.onAwaited();
        assertThat(groups).hasValue(1);
    }

    private static FlushSettings settings(Duration interval, Duration maxBackoff) {
        return new FlushSettings(interval, 500, 1, 1_000, maxBackoff);
    }

    @Test
    void stop_beginsNothingAnyMore() {
        schedule.stop();
        schedule.now();
        schedule.onThreshold();
        schedule.goOn();

        assertThat(schedule.isStopped()).isTrue();
        assertThat(timers.millis).isEmpty();
        assertThat(cycles).hasValue(0);
    }

    /** The timers that are set, with what is left to run. */
    private static final class RecordedTimers implements FlushSchedule.Timers {
        private final List<Long> millis = new ArrayList<>();
        private final List<Long> numbers = new ArrayList<>();
        private final List<Runnable> tasks = new ArrayList<>();
        private long last;

        @Override
        public long set(long delay, Runnable task) {
            millis.add(delay);
            numbers.add(++last);
            tasks.add(task);
            return last;
        }

        @Override
        public void cancel(long number) {
            remove(numbers.indexOf(number));
        }

        private void fire() {
            remove(0).run();
        }

        private Runnable remove(int index) {
            millis.remove(index);
            numbers.remove(index);
            return tasks.remove(index);
        }
    }
}
