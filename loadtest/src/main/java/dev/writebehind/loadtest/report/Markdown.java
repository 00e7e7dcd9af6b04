package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.Recording;
import dev.writebehind.loadtest.result.Recording.Step;
import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Verdict;

/** The figures for a README; stateless, safe from any thread. */
final class Markdown {
    private static final String HEAD = """
            | scenario | variant | accepted writes/s | p50 ms | p99 ms | statements per write | lock wait s | rows that differ |
            |---|---|--:|--:|--:|--:|--:|--:|
            """;

    private Markdown() {}

    /** Returns a table of all scenarios and variants, the median run of each, and the verdicts. */
    static String summary(Results results) {
        StringBuilder text = new StringBuilder(HEAD);
        for (String scenario : Rounds.scenarios(results.runs())) {
            for (Rounds rounds : Rounds.of(scenario, results.runs())) {
                Run run = rounds.median();
                row(
                        text,
                        scenario,
                        rounds.variant().title(),
                        Figures.number(run.recording().throughput()),
                        Figures.number(p50(run)),
                        Figures.number(p99(run)),
                        Figures.number(Charts.statementsPerWrite(run)),
                        Figures.number(run.database().lockWaitSeconds()),
                        Outcome.differing(rounds));
            }
        }
        if (!results.verdicts().isEmpty()) {
            text.append('\n');
        }
        for (Verdict verdict : results.verdicts()) {
            text.append("- ")
                    .append(verdict.met() ? "met" : "**not met**")
                    .append(": ")
                    .append(cell(verdict.claim()))
                    .append(": ")
                    .append(cell(verdict.measured()))
                    .append('\n');
        }
        return text.append('\n')
                .append(cell(results.machine()))
                .append("; ")
                .append(cell(results.database()))
                .append("; ")
                .append(results.at().toString(), 0, 10)
                .append("; `")
                .append(results.command().replaceAll("[`\\r\\n]", " "))
                .append("`\n")
                .toString();
    }

    /** Of the whole phase; where that goes beyond the knee, there is no such figure. */
    private static double p50(Run run) {
        Recording recording = run.recording();
        return recording.steps().isEmpty()
                ? Charts.answered(run, recording.answers().p50())
                : Double.NaN;
    }

    private static double p99(Run run) {
        Recording recording = run.recording();
        return recording.steps().isEmpty()
                ? Charts.answered(run, recording.answers().p99())
                : recording.knee().map(Step::p99).orElse(Double.NaN);
    }

    private static void row(StringBuilder text, String... cells) {
        for (String cell : cells) {
            text.append("| ").append(cell(cell)).append(' ');
        }
        text.append("|\n");
    }

    /** Returns a text that neither ends its cell nor is taken for markup. */
    private static String cell(String text) {
        return text.replaceAll("\\R", " ")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replaceAll("([|`*_\\[\\]\\\\])", "\\\\$1");
    }
}
