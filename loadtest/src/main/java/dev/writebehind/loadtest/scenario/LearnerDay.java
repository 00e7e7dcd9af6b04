package dev.writebehind.loadtest.scenario;

import static io.gatling.javaapi.core.CoreDsl.global;

import dev.writebehind.loadtest.traffic.Traffic.Habits;
import java.time.Duration;
import java.util.List;

/** Learners going through the course at a steady rate: an ordinary day. Made and called by Gatling. */
public final class LearnerDay extends WritingSimulation {
    /** Called by Gatling. */
    public LearnerDay() {
        super(
                Load.fromProperties(800, 4_000, 300, Duration.ofMinutes(1)),
                Habits.MIXED,
                STEADY,
                Endpoint.NATIVE,
                List.of(
                        global().failedRequests().count().is(0L),
                        global().responseTime().percentile(99).lt(100)));
    }
}
