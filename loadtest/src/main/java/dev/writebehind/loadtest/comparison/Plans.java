package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.comparison.RunPlan.Busy;
import dev.writebehind.loadtest.result.Variant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The plans of a comparison's runs, in their order; immutable. Rounds are outermost, so that whatever changes on the
 * machine in time meets all variants, and each round begins with another one.
 */
final class Plans {
    private static final List<Variant> BOTH_SIDES = List.of(
            Variant.BEFORE_KEY,
            Variant.BEFORE_DROPPED,
            Variant.AFTER_MEMORY,
            Variant.AFTER_JOURNAL,
            Variant.AFTER_DATABASE);
    private static final List<Variant> FEW = List.of(Variant.BEFORE_KEY, Variant.BEFORE_DROPPED, Variant.AFTER_JOURNAL);
    private static final List<Variant> KNEES =
            List.of(Variant.BARE_HTTP, Variant.AFTER_JOURNAL, Variant.BEFORE_KEY, Variant.BEFORE_DROPPED);
    /** What a knee is looked for from: some steps below where it is expected. */
    private static final double DIRECT_FIRST_STEP = 300;

    private static final double FIRST_STEP = 1_500;
    private static final Busy SHORT_BUSY = new Busy(0.2, Duration.ofSeconds(3), 20);
    private static final Busy LONG_BUSY = new Busy(0.2, Duration.ofSeconds(40), 20);
    private static final Busy TRIAL_BUSY = new Busy(0.2, Duration.ofSeconds(5), 20);

    private final Options options;

    Plans(Options options) {
        this.options = options;
    }

    /** Returns every run, in order. */
    List<RunPlan> runs(int pool) {
        List<RunPlan> plans = new ArrayList<>();
        for (int round = 1; round <= options.rounds(); round++) {
            for (String scenario : options.scenarios()) {
                List<Variant> variants = new ArrayList<>(variants(scenario));
                Collections.rotate(variants, round - 1);
                for (Variant variant : variants) {
                    plans.add(plan(scenario, variant, round, pool));
                }
            }
        }
        return plans;
    }

    /** Returns the run that shows what a pool of that size achieves when saturated. */
    RunPlan poolTrial(int pool) {
        return plan("MaxThroughput", Variant.BEFORE_KEY, 0, pool);
    }

    /** Returns the run that shows what it achieves while users' rows are held. */
    RunPlan busyPoolTrial(int pool) {
        return plan("UserTableBusy", Variant.BEFORE_KEY, 0, pool, TRIAL_BUSY);
    }

    private List<Variant> variants(String scenario) {
        List<Variant> variants = switch (scenario) {
            case "MaxThroughput" -> options.isLong() || options.choosesVariants() ? KNEES : KNEES.subList(0, 2);
            case "LearnerDay" -> BOTH_SIDES;
            case "UserTableBusy" -> options.isLong() || options.choosesVariants() ? BOTH_SIDES : FEW;
            case "Soak" -> List.of(Variant.AFTER_JOURNAL);
            default -> FEW;
        };
        return variants.stream().filter(options.variants()::contains).toList();
    }

    private RunPlan plan(String scenario, Variant variant, int round, int pool) {
        Busy busy = options.isLong() ? LONG_BUSY : SHORT_BUSY;
        return plan(
                scenario,
                variant,
                round,
                pool,
                new Busy(options.share(busy.share()), options.hold(busy.hold()), busy.transactions()));
    }

    private RunPlan plan(String scenario, Variant variant, int round, int pool, Busy busy) {
        Duration settle = scenario.equals("UserTableBusy") ? busy.hold() : Duration.ZERO;
        Duration duration = Duration.ofSeconds(options.isLong() ? 30 : 5);
        if (scenario.equals("UserTableBusy")) {
            // A whole number of holds: each slice of the users is let go as often, whatever the phase.
            duration = options.isLong() ? busy.hold() : busy.hold().multipliedBy(2);
        }
        if (scenario.equals("MaxThroughput")) {
            duration = Duration.ofSeconds(75);
        }
        if (scenario.equals("Soak")) {
            duration = Duration.ofHours(2);
        }
        return new RunPlan(
                scenario,
                variant,
                round,
                options.rate(rate(scenario, variant)),
                options.learners(learners(scenario)),
                options.courseSize(),
                Duration.ofSeconds(options.isLong() ? 12 : scenario.equals("MaxThroughput") ? 7 : 5)
                        .plus(settle),
                settle,
                scenario.equals("MaxThroughput") ? duration : options.duration(duration),
                Duration.ofSeconds(options.isLong() ? 60 : 8),
                busy,
                pool);
    }

    private double rate(String scenario, Variant variant) {
        return switch (scenario) {
            case "MaxThroughput" -> variant.isBefore() ? DIRECT_FIRST_STEP : FIRST_STEP;
            case "UserTableBusy" -> options.isLong() ? 4_000 : 2_000;
            case "ExamSpike" -> 3_000;
            default -> 800;
        };
    }

    private static int learners(String scenario) {
        return switch (scenario) {
            case "UserTableBusy" -> 20_000;
            case "MaxThroughput", "ExamSpike" -> 10_000;
            case "HotLearner" -> 1_000;
            default -> 4_000;
        };
    }
}
