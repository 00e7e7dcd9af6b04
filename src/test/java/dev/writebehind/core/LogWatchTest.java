package dev.writebehind.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Condition;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.Told;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is said of a log in each of its states, by a clock that the test sets. */
class LogWatchTest {
    private static final KeyPool POOL = new KeyPool();
    private static final CompletionKey KEY = new CompletionKey(1, POOL.course("c"), POOL.block("b"));

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicBoolean isFlushing = new AtomicBoolean();
    private final Conditions conditions = new Conditions(Clock.systemUTC());
    private final MemoryLog.Instance log = new MemoryLog(() -> 1).newInstance();
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(1_000, ByteSize.ofMebibytes(64), Duration.ZERO),
            new ReceiptClock(),
            ChangeLog.DURABLE_BEFORE);
    private final LogWatch watch = new LogWatch(log, buffer, isFlushing::get, conditions, nanos::get);

    private List<ConditionName> wrong() {
        return conditions.current().stream().map(Condition::name).toList();
    }

    private void pass(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            nanos.addAndGet(1_000_000_000);
            watch.look();
        }
    }

    private void await() {
        buffer.followedLog().follow();
        buffer.followedLog().apply(List.of(new CompletionWrite(KEY, 0.5, false)), 5, null);
    }

    @Test
    void log_thatTakesNothing_isWrongUntilItDoes_andOneThatHasStopped_isItForGood() {
        log.state = new JournalState.Interrupted("no broker");
        watch.look();
        assertThat(wrong()).containsExactly(ConditionName.LOG_AWAY);
        log.state = new JournalState.Healthy();
        watch.look();
        assertThat(wrong()).isEmpty();
        log.state = new JournalState.Failed("of a newer version");
        watch.look();
        assertThat(wrong()).containsExactly(ConditionName.LOG_UNREADABLE);
        assertThat(conditions.current().get(0).cause()).contains("newer version");
    }

    @Test
    void silence_isTold_whileSomethingWaits_andEndsWithTheFirstWord() {
        pass(Duration.ofMinutes(2));
        assertThat(wrong()).as("nothing waits").isEmpty();
        await();
        pass(LogWatch.SILENCE.minusSeconds(1));
        assertThat(wrong()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(wrong()).containsExactly(ConditionName.FLUSHER_SILENT);
        watch.heardOfFlushing();
        watch.look();
        assertThat(wrong()).isEmpty();
        pass(LogWatch.SILENCE);
        assertThat(wrong()).containsExactly(ConditionName.FLUSHER_SILENT);
        buffer.followedLog().flushed(KEY, 5);
        watch.look();
        assertThat(wrong()).as("nothing waits any more").isEmpty();
    }

    @Test
    void silence_isNotTold_whereThisInstanceFlushes_orFlushingIsPaused_orTheLogIsAway() {
        await();
        isFlushing.set(true);
        pass(LogWatch.SILENCE.multipliedBy(2));
        assertThat(wrong()).isEmpty();
        isFlushing.set(false);
        watch.heardOfFlushing(true);
        pass(LogWatch.SILENCE.multipliedBy(2));
        assertThat(wrong()).isEmpty();
        watch.heardOfFlushing(false);
        log.state = new JournalState.Interrupted("no broker");
        pass(LogWatch.SILENCE.multipliedBy(2));
        assertThat(wrong()).containsExactly(ConditionName.LOG_AWAY);
        log.state = new JournalState.Healthy();
        pass(LogWatch.SILENCE.minusSeconds(1));
        assertThat(wrong()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(wrong()).containsExactly(ConditionName.FLUSHER_SILENT);
    }

    @Test
    void behind_isNothingAtTheEnd_andGrowsUntilItIsThereAgain() {
        pass(Duration.ofSeconds(10));
        assertThat(watch.behind()).isZero();
        log.tell(new Told.AllCommitted(1));
        log.place(false);
        pass(Duration.ofSeconds(3)); // the question, and twice without an answer
        assertThat(watch.behind()).isEqualTo(Duration.ofSeconds(3));
        log.readNext();
        watch.look();
        assertThat(watch.behind()).isZero();
    }
}
