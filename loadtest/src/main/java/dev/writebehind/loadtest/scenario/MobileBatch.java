package dev.writebehind.loadtest.scenario;

import static io.gatling.javaapi.core.CoreDsl.global;

import dev.writebehind.loadtest.traffic.Traffic.Habits;
import java.time.Duration;
import java.util.List;

/**
 * Phones that were offline: every learner sends batches to the batch endpoint of the LMS, with a token of the LMS. Made
 * and called by Gatling.
 */
public final class MobileBatch extends WritingSimulation {
    /** Called by Gatling. */
    public MobileBatch() {
        super(
                Load.fromProperties(800, 4_000, 300, Duration.ofMinutes(1)),
                Habits.BATCHES,
                STEADY,
                Endpoint.OPENEDX,
                List.of(
                        global().failedRequests().count().is(0L),
                        global().responseTime().percentile(99).lt(100)));
    }
}
