package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogBoundTest {
    @Test
    void bound_isReachedByAsMany_andNotByFewer_everAgain() {
        LogBound bound = new LogBound(10);
        for (int i = 0; i < 2; i++) {
            assertThat(bound.isReachedBy(9)).isFalse();
            assertThat(bound.isReachedBy(10)).isTrue();
            assertThat(bound.isReachedBy(11)).isTrue();
        }
        assertThat(bound.isReachedBy(0)).isFalse();
    }
}
