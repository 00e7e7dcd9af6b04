package dev.writebehind.loadtest.scenario;

import static io.gatling.javaapi.core.CoreDsl.global;

import dev.writebehind.loadtest.traffic.Profile.Ramp;
import dev.writebehind.loadtest.traffic.Traffic.Habits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An open model up to the knee: the rate grows by a quarter every three seconds, until the target accepts less than
 * nine tenths of it or a request in a hundred takes longer than half a second. Made and called by Gatling.
 */
public final class MaxThroughput extends WritingSimulation {
    private static final int STEP = 3;
    private static final double GROWTH = 1.25;
    private static final double MAX_LATENCY = 500;
    /** What is answered a little late still belongs to its step. */
    private static final double GRACE = 0.05;

    /** Called by Gatling. */
    public MaxThroughput() {
        this(Load.fromProperties(500, 10_000, 300, Duration.ofSeconds(25L * STEP)));
    }

    private MaxThroughput(Load load) {
        super(
                load,
                Habits.MIXED,
                profile(load),
                Endpoint.NATIVE,
                List.of(global().successfulRequests().percent().gt(90.0)));
    }

    @Override
    void beginning() {
        Thread judge = new Thread(this::judge, "judge of the steps");
        judge.setDaemon(true);
        judge.start();
    }

    private void judge() {
        double from = load().warmUp().toSeconds();
        double rate = load().rate();
        for (int step = 1; from + step * STEP <= recorder().end() + GRACE; step++) {
            double at = from + step * STEP + GRACE;
            try {
                Thread.sleep(Math.max(0, Math.round((at - recorder().now()) * 1_000)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            recorder().judgeStep(STEP, rate, MAX_LATENCY);
            rate *= GROWTH;
        }
    }

    private static List<Ramp> profile(Load load) {
        List<Ramp> ramps = new ArrayList<>();
        double multiple = 1;
        for (long at = 0; at < load.duration().toSeconds(); at += STEP) {
            ramps.add(new Ramp(STEP, multiple, multiple));
            multiple *= GROWTH;
        }
        return ramps;
    }
}
