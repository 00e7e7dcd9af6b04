package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.config.FlushSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PortionTest {
    private static final FlushSettings SETTINGS =
            new FlushSettings(Duration.ofSeconds(1), 500, 2, 1_000, Duration.ofSeconds(10));

    private final Portion portion = new Portion();

    @Test
    void changes_undisturbed_areSomeBatchesForEachLane() {
        portion.ended(false);
        assertThat(portion.changes(SETTINGS)).isEqualTo(32_000);
    }

    @Test
    void changes_afterACut_areABatchForEachLaneAndGrowAgain() {
        portion.ended(true);
        assertThat(portion.changes(SETTINGS)).isEqualTo(1_000);
        portion.ended(false);
        assertThat(portion.changes(SETTINGS)).isEqualTo(2_000);
        portion.ended(true);
        assertThat(portion.changes(SETTINGS)).isEqualTo(1_000);
        for (int i = 0; i < 10; i++) {
            portion.ended(false);
        }
        assertThat(portion.changes(SETTINGS)).isEqualTo(32_000);
    }

    @Test
    void changes_ofTheLargestSettings_doNotOverflow() {
        FlushSettings largest = new FlushSettings(Duration.ofSeconds(1), 10_000, 64, 1_000, Duration.ofSeconds(10));
        assertThat(portion.changes(largest)).isEqualTo(20_480_000);
    }
}
