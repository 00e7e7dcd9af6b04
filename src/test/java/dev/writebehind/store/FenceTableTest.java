package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FenceTableTest {
    @ParameterizedTest
    @CsvSource({"wsrep_on, ON", "wsrep_on, 1", "group_replication_single_primary_mode, OFF"})
    void writers_whereSeveralNodesTakeWrites_areRefused(String name, String value) {
        assertThat(FenceTable.writers(Map.of(name, value))).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(Finding.Kind.UNFIT);
            assertThat(finding.text()).contains(name, "journal.kind: file");
        });
    }

    @Test
    void writers_whereOneNodeTakesWrites_areNotToldOf() {
        assertThat(FenceTable.writers(Map.of())).isEmpty();
        assertThat(FenceTable.writers(Map.of("wsrep_on", "OFF", "group_replication_single_primary_mode", "ON")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PT1S, 2", "PT2S, 2", "PT2.001S, 3", "PT5S, 5", "PT10M, 600"})
    void idleSeconds_areTheTimeoutInWholeSeconds_andTwoAtLeast(Duration timeout, int seconds) {
        assertThat(SessionSettings.idleSeconds(timeout)).isEqualTo(seconds);
    }
}
