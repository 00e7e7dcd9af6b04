package dev.writebehind.loadtest.scenario;

import static io.gatling.javaapi.core.CoreDsl.global;

import dev.writebehind.loadtest.traffic.Profile.Ramp;
import dev.writebehind.loadtest.traffic.Traffic.Habits;
import java.time.Duration;
import java.util.List;

/**
 * Thousands of learners who finish their blocks in the same minute: from a tenth of the rate up to all of it, for a
 * third of the time, and back. Made and called by Gatling.
 */
public final class ExamSpike extends WritingSimulation {
    /** Called by Gatling. */
    public ExamSpike() {
        this(Load.fromProperties(3_000, 10_000, 300, Duration.ofMinutes(1)));
    }

    private ExamSpike(Load load) {
        super(
                load,
                Habits.MIXED,
                profile(load),
                Endpoint.NATIVE,
                List.of(
                        global().failedRequests().count().is(0L),
                        global().responseTime().percentile(99).lt(500)));
    }

    private static List<Ramp> profile(Load load) {
        double third = load.duration().toMillis() / 3_000.0;
        return List.of(
                new Ramp(third / 2, 0.1, 0.1),
                new Ramp(third / 2, 0.1, 1),
                new Ramp(third, 1, 1),
                new Ramp(third / 2, 1, 0.1),
                new Ramp(third / 2, 0.1, 0.1));
    }
}
