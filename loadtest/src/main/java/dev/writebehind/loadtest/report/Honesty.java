package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The check that it was the target that was measured, and not the client; stateless, safe from any thread. */
final class Honesty {
    /** A client whose p99 is later than this, in milliseconds, did not keep its schedule. */
    private static final double LATE = 10;

    /** A machine of whose processors more than this share is in use is full. */
    private static final double FULL = 0.95;

    private static final Pattern CORES =
            Pattern.compile("(\\d+)\\s*(?:cores?|processors?|v?CPUs?)\\b", Pattern.CASE_INSENSITIVE);

    private Honesty() {}

    static String section(Results results) {
        OptionalInt cores = cores(results.machine());
        StringBuilder html = new StringBuilder(Html.heading(2, "Is the client honest?"));
        html.append(Html.paragraph("""
                The schedule is open: when a learner's next request is due follows from the think times alone, not from \
                when earlier requests were answered. A target that stalls is not sent less; its requests pile up, as on \
                a real site. Only a learner waits for the answer of the own last request, since the order of writes to \
                one key must be defined; what came due meanwhile is sent at once then, and is late by that much."""));
        html.append(Html.paragraph("""
                Latency counts from when a request was due until it was answered, so that time spent behind a stalled \
                request is in the figures (no coordinated omission). A request that was due and had no answer when the \
                phase ended is in the percentiles with the time it had waited until then: it took at least that long. \
                Refusals are not in the percentiles, as they are fast and no service; they are counted beside them."""));
        html.append(Html.paragraph("""
                Client lateness is how long a request that was due, and whose learner was free, waited until the client \
                sent it: the client's own delay. Up to a few milliseconds at p99, the client kept its schedule."""));
        List<String> findings = findings(results.runs(), cores);
        if (cores.isEmpty()) {
            html.append(Html.paragraph("How many cores the machine has is not in the results, so that runs on a full"
                    + " machine cannot be told from others."));
        }
        html.append(
                findings.isEmpty()
                        ? Html.paragraph("In no run was the client the bottleneck"
                                + (cores.isEmpty() ? "." : ", or the machine full."))
                        : Html.list(findings));
        return html.append(table(results.runs(), cores)).toString();
    }

    /** Returns a sentence for each run in which something else than the target limited what was measured. */
    static List<String> findings(List<Run> runs, OptionalInt cores) {
        List<String> findings = new ArrayList<>();
        for (Run run : runs) {
            boolean late = run.recording().lateness().p99() > LATE;
            boolean full = full(run, cores);
            if (late || full) {
                findings.add(finding(run, late, full, cores));
            }
        }
        return findings;
    }

    /** Returns the number of cores that a description of a machine names. */
    static OptionalInt cores(String machine) {
        Matcher matcher = CORES.matcher(machine);
        return matcher.find() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }

    private static String finding(Run run, boolean late, boolean full, OptionalInt cores) {
        StringBuilder text = new StringBuilder(run.scenario())
                .append(", ")
                .append(run.variant().title())
                .append(", round ")
                .append(run.round())
                .append(": ");
        if (late) {
            text.append("the client was the bottleneck: it sent requests up to ")
                    .append(Figures.number(run.recording().lateness().p99()))
                    .append(" ms late (p99)");
        }
        if (full) {
            text.append(late ? ", and the whole machine was full (" : "the whole machine was the bottleneck (")
                    .append(Figures.number(run.cpu().machine()))
                    .append(" of ")
                    .append(cores.getAsInt())
                    .append(" cores in use, ")
                    .append(Figures.number(run.cpu().client()))
                    .append(" of them by the client)");
        }
        return text.append(". Its accepted writes/s are a lower bound for the target,")
                .append(" its latencies an upper bound: alone on a machine the target does at least as well.")
                .toString();
    }

    private static boolean full(Run run, OptionalInt cores) {
        return cores.isPresent() && run.cpu().machine() > FULL * cores.getAsInt();
    }

    private static String table(List<Run> runs, OptionalInt cores) {
        List<List<String>> rows = new ArrayList<>();
        for (Run run : runs) {
            rows.add(List.of(
                    Html.escape(run.scenario()),
                    Html.chip(Look.css(Look.of(run.variant())), run.variant().title()),
                    String.valueOf(run.round()),
                    Figures.number(run.recording().lateness().p99()),
                    Figures.number(run.recording().lateness().max()),
                    Figures.number(run.cpu().client()),
                    cores.isEmpty() ? Figures.NONE : Figures.percent(run.cpu().client() / cores.getAsInt()),
                    cores.isEmpty() ? Figures.NONE : Figures.percent(run.cpu().machine() / cores.getAsInt())));
        }
        List<String> heads = List.of(
                "scenario",
                "variant",
                "round",
                "client lateness p99 ms",
                "max ms",
                "client, cores",
                "client's share of the machine",
                "machine in use");
        return "<details><summary>Client lateness and processors, run by run</summary>\n" + Html.table(heads, rows)
                + "</details>\n";
    }
}
