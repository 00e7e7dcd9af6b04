package dev.writebehind.loadtest.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Charts of lines over a plain or a logarithmic axis; stateless, safe from any thread. */
final class LineCharts {
    private static final double HEADROOM = 1.08;
    private static final double UNEVEN = 0.37;
    private static final String LOGARITHMIC = " (logarithmic)";

    private LineCharts() {}

    /** One line; a value that is not a number makes a gap. */
    record Line(String name, Color color, BasicStroke stroke, List<Double> x, List<Double> y) {
        boolean isEmpty() {
            return y.stream().noneMatch(Double::isFinite);
        }
    }

    /** Returns lines over a y axis that begins at zero. */
    static XYChart plain(String title, String xAxis, String yAxis, int width, int height, List<Line> lines) {
        XYChart chart = chart(title, xAxis, yAxis, width, height, lines);
        double highest = highest(lines);
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(highest <= 0 ? 1 : highest * HEADROOM);
        return chart;
    }

    /** Returns lines over a logarithmic y axis; values of zero are gaps. */
    static XYChart logarithmic(String title, String xAxis, String yAxis, int width, int height, List<Line> lines) {
        List<Line> positive = positive(lines);
        XYChart chart = chart(title, xAxis, yAxis + LOGARITHMIC, width, height, positive);
        decades(chart.getStyler(), positive);
        return chart;
    }

    /** Marks a place on the x axis by a line from top to bottom. */
    static void mark(XYChart chart, double x) {
        chart.addAnnotation(new AnnotationLine(x, true, false));
    }

    /** Returns lines over places that have names, and a logarithmic y axis. */
    static CategoryChart overNames(String yAxis, int width, int height, List<String> places, List<Line> lines) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(width)
                .height(height)
                .yAxisTitle(yAxis + LOGARITHMIC)
                .build();
        Look.apply(chart);
        chart.getStyler().setOverlapped(true).setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
        List<Line> positive = positive(lines);
        for (Line line : positive) {
            if (!line.isEmpty()) {
                CategorySeries series = chart.addSeries(line.name(), places, line.y());
                series.setLineColor(line.color()).setLineStyle(line.stroke());
                series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(line.color());
            }
        }
        decades(chart.getStyler(), positive);
        return chart;
    }

    private static XYChart chart(String title, String xAxis, String yAxis, int width, int height, List<Line> lines) {
        XYChart chart = new XYChartBuilder()
                .title(title)
                .width(width)
                .height(height)
                .xAxisTitle(xAxis)
                .yAxisTitle(yAxis)
                .build();
        Look.apply(chart);
        XYStyler styler = chart.getStyler();
        styler.setXAxisDecimalPattern("#,##0").setXAxisTickMarkSpacingHint(70);
        for (Line line : lines) {
            if (!line.isEmpty()) {
                XYSeries series = chart.addSeries(line.name(), uneven(line.x()), afterGap(line.y()));
                series.setLineColor(line.color());
                series.setLineStyle(line.stroke());
                series.setMarker(SeriesMarkers.NONE);
            }
        }
        return chart;
    }

    /** A gap ahead: XChart takes its ticks from values at equal distances, -7, -4, -1, where round ones are wanted. */
    private static List<Double> uneven(List<Double> x) {
        List<Double> all = new ArrayList<>(x);
        all.add(0, x.get(0) + UNEVEN);
        return all;
    }

    private static List<Double> afterGap(List<Double> y) {
        List<Double> all = new ArrayList<>(y);
        all.add(0, Double.NaN);
        return all;
    }

    private static double highest(List<Line> lines) {
        return lines.stream()
                .flatMap(line -> line.y().stream())
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .max()
                .orElse(1);
    }

    private static List<Line> positive(List<Line> lines) {
        return lines.stream()
                .map(line -> new Line(
                        line.name(),
                        line.color(),
                        line.stroke(),
                        line.x(),
                        line.y().stream()
                                .map(value -> value > 0 ? value : Double.NaN)
                                .toList()))
                .toList();
    }

    private static void decades(AxesChartStyler styler, List<Line> lines) {
        double highest = highest(lines);
        double lowest = lines.stream()
                .flatMap(line -> line.y().stream())
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .min()
                .orElse(1);
        double foot = Math.floor(Math.log10(lowest));
        styler.setYAxisLogarithmic(true)
                .setYAxisMin(Math.pow(10, foot))
                .setYAxisMax(Math.pow(10, Math.max(foot + 1, Math.ceil(Math.log10(highest)))));
    }
}
