package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogTimeTest {
    private static final long NOON = 1_000_000_000;

    private final AtomicLong nanos = new AtomicLong(-77_000_000_000L);
    private final LogTime time = new LogTime(nanos::get);

    @Test
    void now_isUnknownUntilSomethingWasAcknowledged_andGoesOnFromThere() {
        assertThat(time.now()).isZero();
        time.read(NOON - 3_600_000); // left from before its start
        assertThat(time.now()).isZero();
        time.acknowledged(NOON);
        assertThat(time.now()).isEqualTo(NOON);
        pass(Duration.ofHours(3));
        assertThat(time.now()).as("nothing else was read").isEqualTo(NOON + 3 * 3_600_000);
    }

    @Test
    void now_ofOneThatReadsLate_isThatOfItsBestRead() {
        time.acknowledged(NOON);
        pass(Duration.ofSeconds(20));
        time.read(NOON + 5_000);
        assertThat(time.now()).isEqualTo(NOON + 20_000);
        time.read(NOON + 20_007);
        assertThat(time.now()).isEqualTo(NOON + 20_007);
    }

    /** As after a change of the broker that leads. */
    @Test
    void now_whereTheBrokersClockWentBack_staysAheadForAWhile() {
        time.acknowledged(NOON + 30_000);
        pass(Duration.ofMinutes(4));
        time.read(NOON + 240_000);
        assertThat(time.now()).isEqualTo(NOON + 270_000);
        pass(Duration.ofMinutes(2));
        time.read(NOON + 360_000);
        assertThat(time.now()).as("the span before counts still").isEqualTo(NOON + 390_000);
        pass(Duration.ofMinutes(6));
        time.read(NOON + 720_000);
        assertThat(time.now()).isEqualTo(NOON + 720_000);
    }

    private void pass(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }
}
