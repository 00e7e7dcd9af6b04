package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Run;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.knowm.xchart.internal.chartpart.IChart;

/** One scenario on the page: what it is, its tables, its charts; stateless, safe from any thread. */
final class ScenarioSection {
    private static final Map<String, String> WHAT = Map.of(
            "LearnerDay",
            "Learners work through the course at a steady rate, each at a pace of their own.",
            "ExamSpike",
            "All learners are idle, then thousands of them finish many blocks within the same minute.",
            "UserTableBusy",
            "Learners work as on any day, while other transactions (logins, profile saves) hold rows of the user table.",
            "DatabaseOutage",
            "Learners work as on any day, and the database is out of reach for a while in the middle.",
            "MobileBatch",
            "Mobile apps send batches with tokens to the endpoint that Open edX has for them.",
            "Soak",
            "Learners work at a steady rate for long, so that what grows or leaks has time to show.",
            "MaxThroughput",
            "The rate is raised step by step until the target does not keep up: the last rate before is its knee.",
            "HotLearner",
            "One learner in a hundred makes nine of ten writes, to few blocks.");

    private ScenarioSection() {}

    static String of(String scenario, Results results) {
        List<Rounds> variants = Rounds.of(scenario, results.runs());
        String id = "s" + Rounds.scenarios(results.runs()).indexOf(scenario);
        StringBuilder html = new StringBuilder("<section>\n")
                .append(Html.heading(2, scenario))
                .append(Html.paragraph(WHAT.getOrDefault(scenario, "") + " " + parameters(variants)))
                .append(Html.heading(3, "What callers felt"))
                .append(Tables.answers(variants));
        if (scenario.equals("UserTableBusy")) {
            html.append(BusyFormula.paragraph(variants, results.pool()));
        }
        if (scenario.equals("MaxThroughput")) {
            html.append(Knee.part(variants, id));
        }
        html.append(charts(scenario, variants, id))
                .append(Html.heading(3, "What the database did"))
                .append(Tables.database(variants))
                .append(digests(variants))
                .append(Html.heading(3, "What it cost, and whether the rows were right"))
                .append(Tables.machine(variants))
                .append(examples(variants));
        return html.append("</section>\n").toString();
    }

    private static String charts(String scenario, List<Rounds> variants, String id) {
        StringBuilder html = new StringBuilder("<p class=\"legend\">");
        variants.forEach(rounds -> html.append(Tables.name(rounds)));
        html.append("<span class=\"chip\"><i class=\"due\"></i>due</span></p>\n<div class=\"charts\">\n");
        figure(
                html,
                id + "a",
                Charts.throughput("", Charts.WIDTH, Charts.HEIGHT, variants),
                scenario,
                "writes accepted per second");
        figure(html, id + "b", Charts.percentiles(variants), scenario, "latency, from when a request was due");
        figure(
                html,
                id + "c",
                Charts.throughputOverTime("", Charts.WIDTH, Charts.HEIGHT, variants),
                scenario,
                "writes due and accepted over time; the warm-up is left of the line");
        figure(html, id + "d", Charts.p99OverTime(variants), scenario, "p99 over time");
        List<Rounds> writing = Charts.writing(variants);
        if (!writing.isEmpty()) {
            figure(
                    html,
                    id + "e",
                    Charts.statements("", Charts.WIDTH, Charts.HEIGHT, writing),
                    scenario,
                    "MySQL statements for each accepted write");
        }
        figure(html, id + "f", Charts.cpu(variants), scenario, "processors in use in the measured phase");
        return html.append("</div>\n").toString();
    }

    private static void figure(StringBuilder html, String id, IChart chart, String scenario, String text) {
        html.append(Html.figure(Drawing.element(chart, id, scenario + ": " + text), scenario + ": " + text));
    }

    private static String parameters(List<Rounds> variants) {
        Map<String, String> parameters = variants.get(0).median().parameters();
        String list = new TreeMap<>(parameters)
                .entrySet().stream().map(ScenarioSection::parameter).collect(Collectors.joining(", "));
        List<Run> runs = variants.get(0).runs();
        String rounds = runs.size() == 1
                ? "One round of " + Figures.number(runs.get(0).recording().seconds()) + " s was measured."
                : runs.size() + " rounds of "
                        + Figures.number(runs.get(0).recording().seconds())
                        + " s each were measured; tables show the median one by accepted writes/s (and the range over"
                        + " all rounds), charts show that one.";
        return (list.isEmpty() ? "" : "Parameters: " + list + ". ") + rounds;
    }

    private static String parameter(Entry<String, String> parameter) {
        return parameter.getKey() + " " + parameter.getValue();
    }

    private static String digests(List<Rounds> variants) {
        StringBuilder html = new StringBuilder();
        for (Rounds rounds : variants) {
            if (!rounds.median().database().digests().isEmpty()) {
                html.append("<details><summary>Costliest statements: ")
                        .append(Html.escape(rounds.variant().title()))
                        .append("</summary>\n")
                        .append(Tables.digests(rounds))
                        .append("</details>\n");
            }
        }
        return html.toString();
    }

    private static String examples(List<Rounds> variants) {
        List<String> examples = variants.stream()
                .flatMap(rounds -> Outcome.examples(rounds).stream())
                .toList();
        return examples.isEmpty() ? "" : Html.paragraph("Rows that differ, for example:") + Html.list(examples);
    }
}
