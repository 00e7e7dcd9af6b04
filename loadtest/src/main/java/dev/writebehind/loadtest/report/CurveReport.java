package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.report.LineCharts.Line;
import dev.writebehind.loadtest.result.CurvePoint;
import dev.writebehind.loadtest.result.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The curves as files to read: {@code curve.md}, and a chart for each figure. Stateless, safe from any thread. */
public final class CurveReport {
    private CurveReport() {}

    /**
     * Writes all files into that directory.
     *
     * @param axis returns what a series varies, in words
     * @param where machine, database and command
     */
    public static void write(List<CurvePoint> points, UnaryOperator<String> axis, String where, Path directory)
            throws IOException {
        System.setProperty("java.awt.headless", System.getProperty("java.awt.headless", "true"));
        Files.createDirectories(directory);
        StringBuilder text = new StringBuilder();
        for (String series :
                new LinkedHashSet<>(points.stream().map(CurvePoint::series).toList())) {
            List<CurvePoint> own = points.stream()
                    .filter(point -> point.series().equals(series))
                    .toList();
            text.append(table(own, axis.apply(series))).append('\n');
            for (String figure : figures(own)) {
                Drawing.write(chart(own, figure, axis.apply(series)), directory, name(series, figure));
            }
        }
        Files.writeString(directory.resolve("curve.md"), text + where + "\n");
    }

    /** Returns the name of a chart's file, without its ending. */
    static String name(String series, String figure) {
        return (series + "-" + figure)
                .toLowerCase(Locale.ROOT)
                .replace("µ", "u")
                .replace("/s", " per second")
                .replaceAll("[^a-z0-9]+", "-");
    }

    static String table(List<CurvePoint> points, String axis) {
        Set<String> figures = figures(points);
        StringBuilder text =
                new StringBuilder("| " + axis + " | " + String.join(" | ", figures) + " | rows differ |\n");
        text.append("|--:|").append("--:|".repeat(figures.size() + 1)).append('\n');
        for (CurvePoint point : points) {
            List<String> cells = new ArrayList<>(List.of(Figures.whole(point.x())));
            figures.forEach(figure -> cells.add(Figures.number(point.figures().getOrDefault(figure, Double.NaN))));
            cells.add(Figures.whole(point.rows().different()));
            text.append("| ").append(String.join(" | ", cells)).append(" |\n");
        }
        return text.toString();
    }

    static XYChart chart(List<CurvePoint> points, String figure, String axis) {
        Line line = new Line(
                figure,
                Look.of(Variant.AFTER_JOURNAL),
                Look.LINE,
                points.stream().map(CurvePoint::x).toList(),
                points.stream()
                        .map(point -> point.figures().getOrDefault(figure, Double.NaN))
                        .toList());
        XYChart chart =
                LineCharts.plain("", axis + " (logarithmic)", figure, Charts.WIDTH, Charts.HEIGHT, List.of(line));
        chart.getStyler().setXAxisLogarithmic(true).setLegendVisible(false);
        chart.getSeriesCollection()
                .forEach(series ->
                        series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(Look.of(Variant.AFTER_JOURNAL)));
        return chart;
    }

    private static Set<String> figures(List<CurvePoint> points) {
        Set<String> figures = new TreeSet<>();
        points.forEach(point -> figures.addAll(point.figures().keySet()));
        return figures;
    }
}
