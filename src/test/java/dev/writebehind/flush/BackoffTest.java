package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.config.FlushSettings;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final AtomicReference<Double> random = new AtomicReference<>(Math.nextDown(1.0));
    private final Backoff backoff = backoff(Duration.ofMillis(250), Duration.ofSeconds(10));

    @Test
    void next_afterEachFailure_isTwiceAsLongUpToTheBound() {
        for (long millis : new long[] {250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000}) {
            assertThat(backoff.next()).isEqualTo(Duration.ofMillis(millis));
        }
    }

    @Test
    void next_withTheLeastJitter_isHalf() {
        random.set(0.0);

        for (long millis : new long[] {125, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000}) {
            assertThat(backoff.next()).isEqualTo(Duration.ofMillis(millis));
        }
    }

    @Test
    void next_withAnyJitter_isHalfToAllOfTheBoundAndSpreadOverIt() {
        Random jitter = new Random(1);
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 1_000; i++) {
            random.set(jitter.nextDouble());
            long millis = backoff.next().toMillis();
            backoff.reset();
            least = Math.min(least, millis);
            most = Math.max(most, millis);
        }

        assertThat(least).isBetween(125L, 130L);
        assertThat(most).isBetween(245L, 250L);
    }

    @Test
    void next_afterReset_beginsAnew() {
        backoff.next();
        backoff.next();
        backoff.next();
        backoff.reset();

        assertThat(backoff.next()).isEqualTo(Duration.ofMillis(250));
        assertThat(backoff.next()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void next_afterAVeryLongOutage_staysAtTheBound() {
        for (int i = 0; i < 100_000; i++) {
            Duration pause = backoff.next();
            if (i > 10) {
                assertThat(pause).isEqualTo(Duration.ofSeconds(10));
            }
        }
    }

    @Test
    void next_withTheLongestSettings_doesNotOverflow() {
        Backoff slow = backoff(Duration.ofHours(1), Duration.ofHours(1));
        for (int i = 0; i < 100; i++) {
            assertThat(slow.next()).isEqualTo(Duration.ofHours(1));
        }
    }

    @Test
    void next_withABoundBelowTheFirstPause_isTheBound() {
        Backoff capped = backoff(Duration.ofSeconds(10), Duration.ofMillis(1));

        assertThat(capped.next()).isEqualTo(Duration.ofMillis(1));
        random.set(0.0);
        assertThat(capped.next()).isEqualTo(Duration.ofMillis(1));
    }

    private Backoff backoff(Duration interval, Duration maxBackoff) {
        FlushSettings settings = new FlushSettings(interval, 500, 1, 1_000, maxBackoff);
        return new Backoff(() -> settings, random::get);
    }
}
