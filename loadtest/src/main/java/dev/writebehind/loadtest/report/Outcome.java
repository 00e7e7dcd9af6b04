package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Run;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The outcome for the rows, over all rounds: one that differs counts in whichever round; stateless, safe from any
 * thread.
 */
final class Outcome {
    private Outcome() {}

    /** Returns the rows that differ in all rounds together, of those compared. */
    static String differing(Rounds rounds) {
        return Figures.whole(sum(rounds, RowCheck::different)) + " of " + Figures.whole(sum(rounds, RowCheck::keys));
    }

    /** Returns the keys with an unknown outcome in all rounds together. */
    static String unknown(Rounds rounds) {
        return Figures.whole(sum(rounds, RowCheck::unknown));
    }

    /** Returns some of the rows that differ, with the run they are from. */
    static List<String> examples(Rounds rounds) {
        return rounds.runs().stream()
                .flatMap(run -> run.rows().examples().stream()
                        .map(example -> rounds.variant().title() + ", round " + run.round() + ": " + example))
                .toList();
    }

    private static double sum(Rounds rounds, ToDoubleFunction<RowCheck> figure) {
        return rounds.runs().stream().map(Run::rows).mapToDouble(figure).sum();
    }
}
