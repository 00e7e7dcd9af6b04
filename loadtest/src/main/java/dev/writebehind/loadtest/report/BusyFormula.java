package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Variant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The formula for what direct writes can be expected to achieve while user rows are held, beside what they did;
 * stateless, safe from any thread.
 */
final class BusyFormula {
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|min)\\b.*");

    private BusyFormula() {}

    static String paragraph(List<Rounds> variants, int pool) {
        StringBuilder text = new StringBuilder("""
                Expected of direct writes with the key: accepted writes/s ≈ pool ÷ (share held × hold ÷ 2). A write of a \
                learner whose row is held waits for half the hold on average, and keeps its connection that long. On \
                MySQL 9.6 and newer only INSERTs wait, so that it is that much divided by the share of writes that \
                insert.""");
        Rounds.of(Variant.BEFORE_KEY, variants).map(Rounds::median).ifPresent(run -> {
            OptionalDouble hold = seconds(run.parameters().getOrDefault("hold", ""));
            if (hold.isPresent() && hold.getAsDouble() > 0 && run.heldShare() > 0) {
                double expected = expected(pool, run.heldShare(), hold.getAsDouble());
                text.append(" Here: ")
                        .append(pool)
                        .append(" ÷ (")
                        .append(Figures.percent(run.heldShare()))
                        .append(" × ")
                        .append(Figures.number(hold.getAsDouble()))
                        .append(" s ÷ 2) = ")
                        .append(Figures.number(expected))
                        .append(" where every write waits");
                inserting(variants)
                        .ifPresent(share -> text.append(", and ")
                                .append(Figures.number(expected / share))
                                .append(" where only the ")
                                .append(Figures.percent(share))
                                .append(" that insert do"));
                text.append(".");
            }
            text.append(" Measured: ")
                    .append(Figures.number(run.recording().acceptedPerSecond()))
                    .append(".");
        });
        return Html.paragraph(text.toString());
    }

    /** Returns the writes that a pool gets done in a second when a share of them waits for half the hold. */
    static double expected(int pool, double share, double holdSeconds) {
        return pool / (share * holdSeconds / 2);
    }

    /** Returns the seconds of {@code 20s}, {@code 500 ms}, {@code 1.5 min}. */
    static OptionalDouble seconds(String duration) {
        Matcher matcher = DURATION.matcher(duration.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return OptionalDouble.empty();
        }
        double value = Double.parseDouble(matcher.group(1));
        return OptionalDouble.of(
                switch (matcher.group(2)) {
                    case "ms" -> value / 1_000;
                    case "s" -> value;
                    default -> value * 60;
                });
    }

    /** The share of writes that insert, from where nothing waits: what waits is the less seen. */
    private static Optional<Double> inserting(List<Rounds> variants) {
        return Rounds.of(Variant.BEFORE_DROPPED, variants)
                .or(() -> Rounds.of(Variant.BEFORE_KEY, variants))
                .map(Rounds::median)
                .filter(run -> run.recording().acceptedInAll() > 0)
                .map(BusyFormula::inserting)
                .filter(share -> share > 0 && share <= 1);
    }

    private static double inserting(Run run) {
        return (double) run.database().rowsInserted() / run.recording().acceptedInAll();
    }
}
