package dev.writebehind.loadtest.scenario;

import static io.gatling.javaapi.core.CoreDsl.global;

import dev.writebehind.loadtest.traffic.Traffic.Habits;
import java.time.Duration;
import java.util.List;

/**
 * A day on which somebody else holds rows of the user table: who runs it sees to that. Without a key nothing of it may
 * be felt. Made and called by Gatling.
 */
public final class UserTableBusy extends WritingSimulation {
    /** Called by Gatling. */
    public UserTableBusy() {
        super(
                Load.fromProperties(2_000, 10_000, 300, Duration.ofMinutes(1)),
                Habits.MIXED,
                STEADY,
                Endpoint.NATIVE,
                List.of(
                        global().failedRequests().count().is(0L),
                        global().responseTime().percentile(99).lt(100)));
    }
}
