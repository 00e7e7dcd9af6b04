package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.report.LineCharts.Line;
import dev.writebehind.loadtest.result.Recording.Step;
import dev.writebehind.loadtest.result.Run;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The knee of each variant: how far it went before it did not keep up; stateless, safe from any thread. */
final class Knee {
    private static final int MARK = 12;

    private Knee() {}

    static String part(List<Rounds> variants, String id) {
        List<Rounds> stepped = variants.stream()
                .filter(rounds -> !rounds.median().recording().steps().isEmpty())
                .toList();
        if (stepped.isEmpty()) {
            return "";
        }
        List<List<String>> rows = new ArrayList<>();
        for (Rounds rounds : stepped) {
            Rounds.Cell knee = rounds.cell(Knee::kneeRate, Figures::number);
            rows.add(List.of(
                    Tables.name(rounds),
                    Html.escape(knee.value()) + (knee.range().isEmpty() ? "" : "<small>" + knee.range() + "</small>"),
                    knee(rounds.median(), Step::acceptedPerSecond),
                    knee(rounds.median(), Step::p99)));
        }
        List<String> heads = List.of("variant", "knee: due writes/s", "accepted writes/s there", "p99 ms there");
        return Html.paragraph(
                        "The knee is the highest rate at which the target kept up. The table above has the accepted"
                                + " writes/s of the knee; its other figures are of the whole phase, the steps beyond"
                                + " the knee included.")
                + Html.table(heads, rows)
                + "<div class=\"charts\">\n"
                + Html.figure(
                        Drawing.element(accepted(stepped), id + "k", "Writes accepted against writes due"),
                        "Writes accepted against writes due at each step, large dots: the knee. On the dashed line,"
                                + " everything due is accepted")
                + Html.figure(
                        Drawing.element(latency(stepped), id + "l", "p99 against writes due"),
                        "p99 against writes due at each step, large dots: the knee")
                + "</div>\n";
    }

    /** Returns the curve of what was accepted over what was due. */
    static XYChart accepted(List<Rounds> variants) {
        double most = variants.stream()
                .flatMap(rounds -> rounds.median().recording().steps().stream())
                .mapToDouble(Step::acceptedPerSecond)
                .max()
                .orElse(0);
        List<Line> lines = new ArrayList<>();
        lines.add(new Line("all accepted", Look.MUTED, Look.DASHED, List.of(0.0, most), List.of(0.0, most)));
        lines.addAll(lines(variants, Step::acceptedPerSecond));
        XYChart chart = LineCharts.plain(
                "", "writes due per second", "writes accepted per second", Charts.WIDTH, Charts.HEIGHT, lines);
        mark(chart, variants, Step::acceptedPerSecond);
        return chart;
    }

    private static XYChart latency(List<Rounds> variants) {
        XYChart chart = LineCharts.logarithmic(
                "", "writes due per second", "p99 ms", Charts.WIDTH, Charts.HEIGHT, lines(variants, Step::p99));
        mark(chart, variants, Step::p99);
        return chart;
    }

    private static List<Line> lines(List<Rounds> variants, ToDoubleFunction<Step> y) {
        return reversed(variants).stream()
                .map(rounds -> {
                    List<Step> steps = rounds.median().recording().steps();
                    return new Line(
                            rounds.variant().title(),
                            Look.of(rounds.variant()),
                            Look.LINE,
                            steps.stream().map(Step::duePerSecond).toList(),
                            steps.stream().mapToDouble(y).boxed().toList());
                })
                .toList();
    }

    /** The ceiling first, as what is drawn later lies above: variants are the same until their knees. */
    private static List<Rounds> reversed(List<Rounds> variants) {
        List<Rounds> reversed = new ArrayList<>(variants);
        Collections.reverse(reversed);
        return reversed;
    }

    private static void mark(XYChart chart, List<Rounds> variants, ToDoubleFunction<Step> y) {
        chart.getStyler().setMarkerSize(MARK);
        for (Rounds rounds : variants) {
            rounds.median().recording().knee().ifPresent(knee -> {
                Color color = Look.of(rounds.variant());
                XYSeries mark = chart.addSeries(
                        rounds.variant().title() + ", knee",
                        List.of(knee.duePerSecond()),
                        List.of(Math.max(y.applyAsDouble(knee), 1e-3)));
                mark.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color);
                mark.setLineColor(color);
            });
        }
    }

    private static double kneeRate(Run run) {
        return run.recording().knee().map(Step::duePerSecond).orElse(Double.NaN);
    }

    private static String knee(Run run, ToDoubleFunction<Step> figure) {
        return Figures.number(run.recording().knee().map(figure::applyAsDouble).orElse(Double.NaN));
    }
}
