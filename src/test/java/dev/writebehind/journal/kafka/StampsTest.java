package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StampsTest {
    @Test
    void next_isTheBrokersTime() {
        assertThat(new Stamps(0).next(1_000, 3)).isEqualTo(1_000_000);
    }

    @Test
    void next_withinOneMillisecond_leavesEachChangeAMicrosecondOfItsOwn() {
        Stamps stamps = new Stamps(0);
        stamps.next(1_000, 3);
        assertThat(stamps.next(1_000, 5_000)).isEqualTo(1_000_003);
        assertThat(stamps.next(1_001, 1)).as("ahead of the clock").isEqualTo(1_005_003);
    }

    @Test
    void next_whereTheBrokersClockRunsBackwards_goesOn() {
        Stamps stamps = new Stamps(0);
        stamps.next(1_000, 1);
        assertThat(stamps.next(1, 1)).isEqualTo(1_000_001);
    }

    @Test
    void next_ofWhatChangesNothing_takesNone() {
        Stamps stamps = new Stamps(5_000);
        assertThat(stamps.next(1, 0)).isEqualTo(5_001);
        assertThat(stamps.next(1, 1)).isEqualTo(5_001);
        assertThat(stamps.last()).isEqualTo(5_001);
    }

    @Test
    void continueAfter_aFloor_whateverFollowsIsLater_andALowerOneChangesNothing() {
        Stamps stamps = new Stamps(0);
        stamps.next(1_000, 1);
        stamps.continueAfter(7_000_000, 0);
        assertThat(stamps.next(1_000, 0)).isEqualTo(7_000_001);
        stamps.continueAfter(5_000_000, 0);
        assertThat(stamps.last()).isEqualTo(7_000_000);
        assertThat(stamps.next(1_001, 2)).isEqualTo(7_000_001);
    }
}
