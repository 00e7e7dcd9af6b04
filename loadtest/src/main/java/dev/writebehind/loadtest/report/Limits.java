package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.report.BarCharts.Layer;
import dev.writebehind.loadtest.result.Ceilings;
import dev.writebehind.loadtest.result.PoolTrial;
import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Variant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;

/**
 * The page's part on limits: what the machine can do at most, and how the direct writes' pool was chosen; stateless,
 * safe from any thread.
 */
final class Limits {
    private Limits() {}

    static String ceilings(@Nullable Ceilings ceilings) {
        if (ceilings == null) {
            return Html.heading(2, "Ceilings") + Html.paragraph("They were not measured in this comparison.");
        }
        double http = share(ceilings.service(), ceilings.bareHttp());
        double database = share(ceilings.flushed(), ceilings.bareUpsert());
        String text = "At its knee the service took " + Figures.whole(ceilings.service()) + " writes/s, "
                + Figures.percent(http) + " of the " + Figures.whole(ceilings.bareHttp())
                + " that the same HTTP stack takes when it decodes the same bodies and keeps nothing. When it was"
                + " saturated, it brought " + Figures.whole(ceilings.flushed()) + " rows/s into the table, "
                + Figures.percent(database) + " of the " + Figures.whole(ceilings.bareUpsert())
                + " that its own two statements reach with nothing around them (" + ceilings.lanes() + " connections, "
                + Figures.whole(ceilings.batch()) + " rows a batch).";
        String caption = "Ceilings: the service beside what its two sides can do at most on this machine";
        return Html.heading(2, "Ceilings")
                + Html.paragraph(text)
                + "<div class=\"charts\">\n"
                + Html.figure(
                        Drawing.element(chart(ceilings, http, database), "ceilings", caption + ". " + text), caption)
                + "</div>\n";
    }

    static String pool(Results results) {
        StringBuilder html = new StringBuilder(Html.heading(2, "The direct writes' connection pool"));
        if (results.poolTrials().isEmpty()) {
            return html.append(
                            Html.paragraph("A pool of " + results.pool() + " connections was given, not searched for."))
                    .toString();
        }
        html.append(Html.paragraph("A site has one pool. Direct writes with the key were saturated with each of these"
                + " sizes while nobody held a row, and the smallest within 5 % of the best, " + results.pool()
                + " connections, was taken for all runs of direct writes. What each size achieves while user rows are"
                + " held"
                + " for 5 s at a time stands beside it: larger pools help there, in proportion."));
        List<List<String>> rows = results.poolTrials().stream()
                .map(trial -> row(trial, results.pool()))
                .toList();
        return html.append(Html.table(
                        List.of(
                                "connections",
                                "accepted writes/s, saturated",
                                "accepted writes/s, user rows held for 5 s"),
                        rows))
                .toString();
    }

    private static List<String> row(PoolTrial trial, int pool) {
        String connections = String.valueOf(trial.connections());
        return List.of(
                trial.connections() == pool ? "<strong>" + connections + " (taken)</strong>" : connections,
                Figures.number(trial.acceptedPerSecond()),
                Figures.number(trial.busyPerSecond()));
    }

    static CategoryChart chart(Ceilings ceilings, double http, double database) {
        List<String> labels =
                List.of("HTTP, writes/s: " + Figures.percent(http), "database, rows/s: " + Figures.percent(database));
        return BarCharts.groups(
                "",
                "per second",
                Charts.WIDTH,
                Charts.HEIGHT,
                labels,
                List.of(
                        new Layer("ceiling", Look.CEILING, List.of(ceilings.bareHttp(), ceilings.bareUpsert())),
                        new Layer(
                                "the service",
                                Look.of(Variant.AFTER_JOURNAL),
                                List.of(ceilings.service(), ceilings.flushed()))));
    }

    private static double share(double part, double whole) {
        return whole == 0 ? Double.NaN : part / whole;
    }
}
