package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ValidityTest {
    @Test
    void isOver_afterItsTime_notAtItsEnd_norBefore() {
        Validity validity = new Validity(10_000, 500);
        assertThat(validity.isOverAt(10_500)).isFalse();
        assertThat(validity.isOverAt(10_501)).isTrue();
        assertThat(validity.isOverAt(9_000)).as("the brokers' clock went back").isFalse();
        assertThat(validity.isOverAt(-1)).isFalse();
    }

    @Test
    void isOver_ofAnUnknownTime_never() {
        assertThat(Validity.UNLIMITED.isOverAt(Long.MAX_VALUE)).isFalse();
        assertThat(new Validity(0, 500).isOverAt(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void negativeTimes_areRefused() {
        assertThatThrownBy(() -> new Validity(-1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Validity(1, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
