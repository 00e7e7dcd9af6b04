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
    void changes_undisturbed_areAll() {
        portion.ended(false);
        assertThat(portion.changes(SETTINGS)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void changes_afterACut_areABatchForEachLaneAndGrowUntilTheyAreAll() {
        portion.ended(true);
        assertThat(portion.changes(SETTINGS)).isEqualTo(1_000);
        portion.ended(false);
        assertThat(portion.changes(SETTINGS)).isEqualTo(2_000);
        portion.ended(true);
        assertThat(portion.changes(SETTINGS)).isEqualTo(1_000);
        for (int i = 0; i < 10; i++) {
            portion.ended(false);
        }
        assertThat(portion.changes(SETTINGS)).isEqualTo(Integer.MAX_VALUE);
    }
}
