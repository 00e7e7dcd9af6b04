package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Variant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/**
 * All rounds of one scenario against one variant; immutable.
 *
 * @param runs at least one, in the order of their rounds
 */
record Rounds(String scenario, Variant variant, List<Run> runs) {
    Rounds {
        if (runs.isEmpty()) {
            throw new IllegalArgumentException("no run of " + scenario + " against " + variant);
        }
        runs = runs.stream().sorted(Comparator.comparingInt(Run::round)).toList();
    }

    /** Returns the scenarios in the order in which they were first run. */
    static List<String> scenarios(List<Run> runs) {
        return List.copyOf(new LinkedHashSet<>(runs.stream().map(Run::scenario).toList()));
    }

    /** Returns one for each variant that the scenario was run against, in the order of {@link Variant}. */
    static List<Rounds> of(String scenario, List<Run> runs) {
        List<Rounds> found = new ArrayList<>();
        for (Variant variant : Variant.values()) {
            List<Run> own = runs.stream()
                    .filter(run -> run.scenario().equals(scenario) && run.variant() == variant)
                    .toList();
            if (!own.isEmpty()) {
                found.add(new Rounds(scenario, variant, own));
            }
        }
        return found;
    }

    /** Returns the one against that variant. */
    static Optional<Rounds> of(Variant variant, List<Rounds> all) {
        return all.stream().filter(rounds -> rounds.variant() == variant).findFirst();
    }

    /** Returns the run in the middle by writes accepted in a second; of an even number, the lower of the two. */
    Run median() {
        List<Run> sorted = runs.stream()
                .sorted(Comparator.comparingDouble(run -> run.recording().throughput()))
                .toList();
        return sorted.get((sorted.size() - 1) / 2);
    }

    /** Returns a figure of the median run, and where rounds differ its range over all of them. */
    Cell cell(ToDoubleFunction<Run> figure, DoubleFunction<String> print) {
        double[] all = runs.stream()
                .mapToDouble(figure)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        String range = all.length == 0 ? "" : Figures.range(all[0], all[all.length - 1], print);
        return new Cell(print.apply(figure.applyAsDouble(median())), range);
    }

    /**
     * One figure in words; immutable.
     *
     * @param value of the median run
     * @param range over all rounds, empty where there is none
     */
    record Cell(String value, String range) {
        static Cell of(String value) {
            return new Cell(value, "");
        }
    }
}
