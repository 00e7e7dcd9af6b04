package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.Ceilings;
import dev.writebehind.loadtest.result.CpuUse;
import dev.writebehind.loadtest.result.DatabaseUse;
import dev.writebehind.loadtest.result.DatabaseUse.Digest;
import dev.writebehind.loadtest.result.Latency;
import dev.writebehind.loadtest.result.PoolTrial;
import dev.writebehind.loadtest.result.Recording;
import dev.writebehind.loadtest.result.Recording.Step;
import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Second;
import dev.writebehind.loadtest.result.Variant;
import dev.writebehind.loadtest.result.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Made-up results, the same each time: all scenarios, three rounds, texts that are hostile to HTML and Markdown. */
final class SampleResults {
    static final String HOSTILE = "<script>alert('&\"')</script>|`x`";
    static final List<String> SCENARIOS = List.of(
            "LearnerDay",
            "ExamSpike",
            "UserTableBusy",
            "DatabaseOutage",
            "MobileBatch",
            "Soak",
            "HotLearner",
            "MaxThroughput");
    static final int SECONDS = 60;
    static final int DUE = 1_200;

    private final Random random = new Random(5);

    static Results all() {
        return new SampleResults().results(ceilings());
    }

    static Results withoutCeilings() {
        return new SampleResults().results(null);
    }

    static Results of(List<Run> runs) {
        return new Results(
                Instant.parse("2026-03-01T12:34:56.789Z"),
                "loadtest/run --rounds 3",
                "AMD EPYC, 2 cores, 8 GiB memory, Linux 6.12, Java 17.0.15",
                "MySQL 9.7.0; innodb_flush_log_at_trx_commit=1, sync_binlog=1",
                32,
                List.of(),
                runs,
                null,
                List.of());
    }

    private static Ceilings ceilings() {
        return new Ceilings(21_340, 14_200, 31_900, 4, 1_000, 24_610);
    }

    private Results results(@Nullable Ceilings ceilings) {
        List<Run> runs = new ArrayList<>();
        for (int round = 1; round <= 3; round++) {
            for (String scenario : SCENARIOS) {
                for (Variant variant : Variant.values()) {
                    if (variant != Variant.BARE_HTTP || scenario.equals("MaxThroughput")) {
                        runs.add(run(scenario, variant, round));
                    }
                }
            }
        }
        Results base = of(runs);
        return new Results(
                base.at(),
                base.command() + " " + HOSTILE,
                base.machine(),
                base.database(),
                base.pool(),
                List.of(
                        new PoolTrial(8, 402, 3.1),
                        new PoolTrial(16, 611, 6.4),
                        new PoolTrial(32, 702, 12.9),
                        new PoolTrial(64, 655, 25.1),
                        new PoolTrial(128, 480, 40.2)),
                runs,
                ceilings,
                List.of(
                        new Verdict(
                                "UserTableBusy: accepted writes/s, after ÷ before with the key, at least 300",
                                "1,199 ÷ 3.1 = 387",
                                true),
                        new Verdict("UserTableBusy: p99 at most 1/100 of before", "3.2 ms ÷ 28,400 ms = 1/8,875", true),
                        new Verdict(
                                "LearnerDay: statements per accepted write at most 1/50", "0.11 ÷ 4.6 = 1/42", false),
                        new Verdict("All rows equal in every variant " + HOSTILE, "0 of 61,240 differ", true)));
    }

    /** Returns a run of that speed whose client was punctual on a machine with time to spare. */
    static Run calm(String scenario, Variant variant, int round, double acceptedPerSecond) {
        return withClient(scenario, variant, round, acceptedPerSecond, 1.5, 1.2);
    }

    /** Returns a run in which nothing was due, sent or answered. */
    static Run still(String scenario, Variant variant) {
        Recording nothing =
                new Recording(0, 0, 0, 0, 0, Latency.NONE, Latency.NONE, Latency.NONE, Map.of(), List.of(), List.of());
        DatabaseUse unused = new DatabaseUse(0, Map.of(), 0, 0, 0, 0, 0, List.of());
        return new Run(
                scenario,
                variant,
                1,
                Map.of(),
                0,
                0,
                nothing,
                unused,
                new CpuUse(0, 0, 0, 0),
                new RowCheck(0, 0, 0, 0, List.of()));
    }

    /** Returns a run whose client was that late, on a machine so busy. */
    static Run withClient(
            String scenario, Variant variant, int round, double acceptedPerSecond, double lateness, double machine) {
        long accepted = Math.round(acceptedPerSecond * SECONDS);
        Latency answers =
                accepted == 0 ? new Latency(900, 15_000, 29_000, 29_900, 30_000, 30_000) : latency(2.5, accepted);
        Recording recording = new Recording(
                SECONDS,
                DUE * SECONDS,
                accepted,
                accepted * 2,
                accepted == 0 ? 900 : 0,
                answers,
                answers,
                latency(lateness / 4.2, accepted),
                accepted == 0 ? Map.of("503", 40L, HOSTILE, 2L) : Map.of(),
                timeline(new Random(round), acceptedPerSecond, 2.5),
                List.of());
        return new Run(
                scenario,
                variant,
                round,
                Map.of("rate", "1200 writes/s", "learners", "4000", "hold", "20s", "share", "0.2", "note", HOSTILE),
                scenario.equals("UserTableBusy") ? 0.198 : 0,
                variant.isAfter() ? 0.8 : 0.1,
                recording,
                database(variant, accepted * 2),
                new CpuUse(0.4, 0.3, 0.2, machine),
                new RowCheck(20_000, accepted == 0 ? 12 : 0, 19_988, 0, List.of()));
    }

    private static Latency latency(double p50, long count) {
        return new Latency(count, p50, p50 * 2.4, p50 * 4.2, p50 * 11, p50 * 40);
    }

    private Run run(String scenario, Variant variant, int round) {
        double speed = 0.95 + 0.1 * random.nextDouble();
        boolean busy = scenario.equals("UserTableBusy");
        double accepted = DUE * Math.min(speed, 1);
        double p50 = 1.5 * (variant == Variant.AFTER_DATABASE ? 1.9 : 1.2) * speed;
        if (variant.isBefore()) {
            p50 *= 6;
            accepted *= scenario.equals("LearnerDay") ? 0.55 : 0.8;
        }
        if (busy && variant == Variant.BEFORE_KEY) {
            accepted = round == 2 ? 0 : 3.1 * speed;
            p50 = 9_000;
        }
        double lateness = scenario.equals("ExamSpike") && round == 1 ? 34 : 1.5;
        double machine = scenario.equals("HotLearner") && variant == Variant.BEFORE_DROPPED ? 1.97 : 1.3;
        Run calm = withClient(scenario, variant, round, accepted, lateness, machine);
        Recording was = calm.recording();
        Recording recording = new Recording(
                was.seconds(),
                was.dueWrites(),
                was.acceptedWrites(),
                was.acceptedInAll(),
                was.unansweredRequests(),
                accepted == 0 ? was.answers() : latency(p50, was.acceptedWrites()),
                was.service(),
                was.lateness(),
                was.failures(),
                timeline(random, accepted, p50),
                scenario.equals("MaxThroughput") ? steps(variant) : List.of());
        boolean differs = scenario.equals("DatabaseOutage") && variant == Variant.BEFORE_DROPPED;
        return new Run(
                scenario,
                variant,
                round,
                calm.parameters(),
                calm.heldShare(),
                calm.drainSeconds(),
                recording,
                calm.database(),
                new CpuUse(0.2 + random.nextDouble() * 0.4, 0.35, variant.isBefore() ? 0.6 : 0.08, machine),
                differs
                        ? new RowCheck(20_000, 3, 19_980, 2, List.of("user 7, block " + HOSTILE + ": 0.25, not 1.0"))
                        : calm.rows());
    }

    private static List<Second> timeline(Random random, double accepted, double p50) {
        List<Second> timeline = new ArrayList<>();
        for (int at = -10; at < SECONDS + 2; at++) {
            long due = at < SECONDS ? Math.round(DUE * (0.95 + 0.1 * random.nextDouble())) : 0;
            long done = at < SECONDS ? Math.min(due, Math.round(accepted * (0.9 + 0.2 * random.nextDouble()))) : 0;
            timeline.add(new Second(at, due, done, 0, done == 0 ? 0 : p50 * (3 + 3 * random.nextDouble())));
        }
        return timeline;
    }

    private static List<Step> steps(Variant variant) {
        double most = variant.isBefore()
                ? 700
                : variant == Variant.BARE_HTTP ? 21_340 : variant == Variant.AFTER_DATABASE ? 9_100 : 14_200;
        List<Step> steps = new ArrayList<>();
        for (double due = 200; due < most * 1.5; due *= 1.25) {
            boolean good = due <= most;
            steps.add(new Step(due, good ? due : most * 0.97, good ? 4 + 30 * due / most : 900 * due / most, good));
        }
        return steps;
    }

    private static DatabaseUse database(Variant variant, long writes) {
        if (variant == Variant.BARE_HTTP) {
            return new DatabaseUse(0, Map.of(), 0, 0, 0, 0, 0, List.of());
        }
        long statements = Math.round(variant.isBefore() ? writes * 4.6 : writes * 0.011) + 12;
        return new DatabaseUse(
                statements,
                Map.of(
                        "select",
                        statements / 4,
                        "insert",
                        statements / 5,
                        "update",
                        statements / 20,
                        "commit",
                        statements / 4),
                writes * 2,
                writes * 2 / 3,
                writes / 3,
                variant == Variant.BEFORE_KEY ? 311 : 0,
                variant == Variant.BEFORE_KEY ? 1_712.3 : 0,
                List.of(new Digest(
                        "INSERT INTO `completion_blockcompletion` VALUES ( ? ) " + HOSTILE, 41_000, 1_801.2, 1_712)));
    }
}
