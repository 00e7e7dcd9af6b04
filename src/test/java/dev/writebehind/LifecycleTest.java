package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.condition.Conditions;
import dev.writebehind.core.Phase;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class LifecycleTest {
    private final Lifecycle lifecycle = new Lifecycle(new Conditions(Clock.systemUTC()).events());

    @Test
    void advanceTo_goesForwardStepByStep() {
        assertThat(lifecycle.phase()).isEqualTo(Phase.STARTING);
        assertThat(lifecycle.isServing()).isFalse();

        lifecycle.advanceTo(Phase.SERVING);
        assertThat(lifecycle.isServing()).isTrue();

        lifecycle.advanceTo(Phase.DRAINING);
        assertThat(lifecycle.phase()).isEqualTo(Phase.DRAINING);
    }

    @Test
    void advanceTo_ofAStartThatEndsAfterAStopBegan_staysDraining() {
        lifecycle.advanceTo(Phase.DRAINING);

        lifecycle.advanceTo(Phase.SERVING);

        assertThat(lifecycle.phase()).isEqualTo(Phase.DRAINING);
        assertThat(lifecycle.isServing()).isFalse();
    }
}
