package dev.writebehind.loadtest.scenario;

import static io.gatling.javaapi.core.CoreDsl.global;

import dev.writebehind.loadtest.traffic.Traffic.Habits;
import java.time.Duration;
import java.util.List;

/**
 * A day in the midst of which the database goes away: who runs it sees to that. No caller may notice. Made and called
 * by Gatling.
 */
public final class DatabaseOutage extends WritingSimulation {
    /** Called by Gatling. */
    public DatabaseOutage() {
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
