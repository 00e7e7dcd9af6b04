package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.FlushSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ParkedTest {
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);
    private static final long ID_NANOS = MAX_BACKOFF.toNanos();

    private final KeyPool pool = new KeyPool();
    private final AtomicLong now = new AtomicLong();
    private final Conditions conditions = new Conditions(Clock.systemUTC());
    private FlushSettings settings = new FlushSettings(Duration.ofMillis(1), 2, 1, 1_000, MAX_BACKOFF);
    private final Parked parked = new Parked(now::get, () -> settings, conditions);
    private final RuntimeException cause = new RuntimeException("no ids");

    @Test
    void onLocks_isDueAfterASecondAndLockedIsExpectedThen() {
        Change change = write(1);
        parked.onLocks(List.of(change));

        assertThat(parked.takeDue()).isEmpty();
        assertThat(parked.isEmpty()).isFalse();
        assertThat(conditions.holds(ConditionName.ROWS_LOCKED)).isTrue();
        assertThat(parked.oldest()).isEqualTo(change.firstReceivedAt());
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(parked.takeDue()).containsExactly(change);
        assertThat(parked.isLockExpected(write(1)))
                .as("a newer write of the key")
                .isTrue();
        assertThat(parked.isLockExpected(write(2))).isFalse();
        assertThat(parked.isEmpty()).isTrue();
        assertThat(parked.oldest()).isEqualTo(Long.MAX_VALUE);
        assertThat(conditions.holds(ConditionName.ROWS_LOCKED))
                .as("until it has been tried again")
                .isTrue();
        parked.takeDue();
        assertThat(parked.isLockExpected(write(1))).as("one cycle later").isFalse();
        assertThat(conditions.current()).isEmpty();
    }

    @Test
    void forIds_triesAFewAtATimeUntilOneFindsAnId() {
        parked.forIds(List.of(write(1), write(2), write(3), write(4), write(5)), cause);
        assertThat(parked.wantOfIds()).isSameAs(cause);
        assertThat(parked.takeDue()).isEmpty();

        now.addAndGet(ID_NANOS);
        List<Change> tried = parked.takeDue();
        assertThat(tried).hasSize(2);
        assertThat(parked.takeDue()).as("not before the next pause").isEmpty();
        parked.forIds(tried, cause);

        now.addAndGet(ID_NANOS);
        List<Change> triedNext = parked.takeDue();
        assertThat(triedNext).hasSize(2);
        parked.committed(List.of(write(99)));
        assertThat(parked.wantOfIds()).as("that was a row which was there").isSameAs(cause);
        parked.committed(triedNext);
        assertThat(parked.wantOfIds()).isNull();
        assertThat(parked.takeDue()).hasSize(3);
    }

    @Test
    void wantOfIds_whatWaitedIsGoneOtherwise_isOver() {
        parked.forIds(List.of(write(1)), cause);
        now.addAndGet(ID_NANOS);
        assertThat(parked.takeDue()).hasSize(1);

        assertThat(parked.wantOfIds()).as("a reset undid it").isNull();
    }

    @Test
    void takeAll_givesEverythingBack() {
        parked.onLocks(List.of(write(1)));
        parked.forIds(List.of(write(2)), cause);
        assertThat(parked.takeAll()).hasSize(2);
        assertThat(parked.isEmpty()).isTrue();
    }

    private CoalescedWrite write(int user) {
        CompletionKey key = new CompletionKey(user, pool.course("c"), pool.block("b"));
        return CoalescedWrite.of(new CompletionWrite(key, 1), 1_000 + user);
    }
}
