package dev.writebehind.loadtest.scenario;

import static io.gatling.javaapi.core.CoreDsl.global;

import dev.writebehind.loadtest.traffic.Traffic.Habits;
import java.time.Duration;
import java.util.List;

/** An ordinary day for hours, in which nothing may grow. Made and called by Gatling. */
public final class Soak extends WritingSimulation {
    /** Called by Gatling. */
    public Soak() {
        super(
                Load.fromProperties(800, 4_000, 300, Duration.ofHours(2)),
                Habits.MIXED,
                STEADY,
                Endpoint.NATIVE,
                List.of(
                        global().failedRequests().count().is(0L),
                        global().responseTime().percentile(99).lt(100)));
    }
}
