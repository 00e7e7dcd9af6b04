package dev.writebehind.loadtest.scenario;

import static io.gatling.javaapi.core.CoreDsl.global;

import dev.writebehind.loadtest.traffic.Traffic.Habits;
import java.time.Duration;
import java.util.List;

/**
 * A day on which one learner in a hundred makes nine in ten writes, to five blocks, each time with another value. Made
 * and called by Gatling.
 */
public final class HotLearner extends WritingSimulation {
    /** Called by Gatling. */
    public HotLearner() {
        super(
                Load.fromProperties(800, 1_000, 300, Duration.ofMinutes(1)),
                Habits.HOT,
                STEADY,
                Endpoint.NATIVE,
                List.of(
                        global().failedRequests().count().is(0L),
                        global().responseTime().percentile(99).lt(100)));
    }
}
