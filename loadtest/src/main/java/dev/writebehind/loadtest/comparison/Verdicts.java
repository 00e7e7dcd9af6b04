package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Variant;
import dev.writebehind.loadtest.result.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The judgement of a comparison's runs; stateless. */
final class Verdicts {
    private static final double TIMES_ACCEPTED = 300;
    private static final double TIMES_FASTER = 100;
    private static final double TIMES_FEWER = 50;

    private Verdicts() {}

    /**
     * Returns what can be judged.
     *
     * @param isLong whether the phases were long enough to judge a busy user table
     */
    static List<Verdict> of(List<Run> runs, boolean isLong) {
        List<Verdict> verdicts = new ArrayList<>();
        if (isLong
                && has(runs, "UserTableBusy", Variant.BEFORE_KEY)
                && has(runs, "UserTableBusy", Variant.AFTER_JOURNAL)) {
            verdicts.add(accepted(runs));
            verdicts.add(faster(runs));
        }
        if (has(runs, "LearnerDay", Variant.BEFORE_KEY)) {
            for (Variant after : Variant.values()) {
                if (after.isAfter() && has(runs, "LearnerDay", after)) {
                    verdicts.add(fewer(runs, after));
                }
            }
        }
        verdicts.add(equal(runs));
        return verdicts;
    }

    private static Verdict accepted(List<Run> runs) {
        double before = median(
                runs,
                "UserTableBusy",
                Variant.BEFORE_KEY,
                run -> run.recording().acceptedPerSecond());
        double after = median(
                runs,
                "UserTableBusy",
                Variant.AFTER_JOURNAL,
                run -> run.recording().acceptedPerSecond());
        return new Verdict(
                "UserTableBusy: the service accepts at least 300 times the writes of direct writes with the key",
                String.format(Locale.ROOT, "%,.0f ÷ %,.1f writes/s = %,.0f", after, before, after / before),
                after >= TIMES_ACCEPTED * before);
    }

    private static Verdict faster(List<Run> runs) {
        double before = median(
                runs,
                "UserTableBusy",
                Variant.BEFORE_KEY,
                run -> run.recording().answers().p99());
        double after = median(
                runs,
                "UserTableBusy",
                Variant.AFTER_JOURNAL,
                run -> run.recording().answers().p99());
        return new Verdict(
                "UserTableBusy: its p99 is at most a hundredth",
                String.format(Locale.ROOT, "%,.1f ms against %,.0f ms: 1/%,.0f", after, before, before / after),
                after * TIMES_FASTER <= before);
    }

    private static Verdict fewer(List<Run> runs, Variant variant) {
        double before = median(runs, "LearnerDay", Variant.BEFORE_KEY, Run::statementsPerWrite);
        double after = median(runs, "LearnerDay", variant, Run::statementsPerWrite);
        return new Verdict(
                "LearnerDay, " + variant.title() + ": at most a fiftieth of the SQL statements for each accepted write",
                String.format(Locale.ROOT, "%.4f against %.2f: 1/%,.0f", after, before, before / after),
                after > 0 && after * TIMES_FEWER <= before);
    }

    /** Whoever keeps nothing has nothing to compare. */
    private static Verdict equal(List<Run> runs) {
        List<Run> compared =
                runs.stream().filter(run -> run.variant() != Variant.BARE_HTTP).toList();
        long rows = compared.stream().mapToLong(run -> run.rows().rows()).sum();
        long different =
                compared.stream().mapToLong(run -> run.rows().different()).sum();
        long unknown = compared.stream()
                .filter(run -> run.variant().isAfter())
                .mapToLong(run -> run.rows().unknown())
                .sum();
        boolean all = !compared.isEmpty()
                && compared.stream().allMatch(run -> run.rows().rows() > 0);
        return new Verdict(
                "Every variant of every scenario: all rows are as the callers were told, and the service left no caller"
                        + " in doubt",
                String.format(
                        Locale.ROOT,
                        "%,d rows after %d runs: %,d differ, %,d in doubt with the service",
                        rows,
                        compared.size(),
                        different,
                        unknown),
                all && different == 0 && unknown == 0);
    }

    private static boolean has(List<Run> runs, String scenario, Variant variant) {
        return runs.stream().anyMatch(run -> run.scenario().equals(scenario) && run.variant() == variant);
    }

    private static double median(List<Run> runs, String scenario, Variant variant, ToDoubleFunction<Run> figure) {
        List<Double> figures = runs.stream()
                .filter(run -> run.scenario().equals(scenario) && run.variant() == variant)
                .map(figure::applyAsDouble)
                .sorted(Comparator.naturalOrder())
                .toList();
        int middle = figures.size() / 2;
        return figures.size() % 2 == 1 ? figures.get(middle) : (figures.get(middle - 1) + figures.get(middle)) / 2;
    }
}
