package dev.writebehind.loadtest.report;

import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;

/** Charts of bars that carry their figures; stateless, safe from any thread. */
final class BarCharts {
    /** From this ratio of the highest to the lowest bar on, a plain axis would not show the lowest. */
    private static final double WIDE = 30;

    /** More labels than these need smaller letters. */
    private static final int ROOMY = 5;

    private static final double HEADROOM = 0.12;
    /** So far above the axis' foot lies the bar of a zero, which a logarithmic axis has no place for. */
    private static final double FOOT = 1.000_001;

    private BarCharts() {}

    /** One bar; a value that is not a number leaves its place empty. */
    record Bar(String label, double value, Color color) {}

    /** One colour of stacked or grouped bars, a value for each label. */
    record Layer(String name, Color color, List<Double> values) {}

    /** Returns one bar beside the other; the axis is logarithmic if the bars are far apart. */
    static CategoryChart bars(String title, String axis, int width, int height, List<Bar> bars) {
        List<Layer> layers = new ArrayList<>();
        for (int at = 0; at < bars.size(); at++) {
            List<Double> values = new ArrayList<>(Collections.nCopies(bars.size(), Double.NaN));
            values.set(at, bars.get(at).value());
            layers.add(new Layer(String.valueOf(at), bars.get(at).color(), values));
        }
        List<String> labels = bars.stream().map(Bar::label).toList();
        CategoryChart chart = chart(title, axis, width, height, labels, layers);
        chart.getStyler().setOverlapped(true).setAvailableSpaceFill(bars.size() < 4 ? 0.35 : 0.6);
        return chart;
    }

    /** Returns for each label the layers' bars side by side. */
    static CategoryChart groups(
            String title, String axis, int width, int height, List<String> labels, List<Layer> layers) {
        CategoryChart chart = chart(title, axis, width, height, labels, layers);
        chart.getStyler().setAvailableSpaceFill(0.6);
        Look.legendBelow(chart);
        return chart;
    }

    /** Returns for each label the layers' bars on top of each other, and their sum. */
    static CategoryChart stacks(
            String title, String axis, int width, int height, List<String> labels, List<Layer> layers) {
        CategoryChart chart = chart(title, axis, width, height, labels, layers);
        double highest = 0;
        for (int at = 0; at < labels.size(); at++) {
            int label = at;
            highest = Math.max(
                    highest,
                    layers.stream()
                            .mapToDouble(layer -> layer.values().get(label))
                            .sum());
        }
        CategoryStyler styler = chart.getStyler();
        styler.setStacked(true).setLabelsVisible(false).setAvailableSpaceFill(0.6);
        Look.legendBelow(chart);
        chart.setYAxisTitle(axis);
        styler.setYAxisLogarithmic(false).setYAxisMin(0.0).setYAxisMax(highest == 0 ? 1 : highest * (1 + HEADROOM));
        return chart;
    }

    private static CategoryChart chart(
            String title, String axis, int width, int height, List<String> labels, List<Layer> layers) {
        CategoryChart chart = new CategoryChartBuilder()
                .title(title)
                .width(width)
                .height(height)
                .yAxisTitle(axis)
                .build();
        Look.apply(chart);
        CategoryStyler styler = chart.getStyler();
        styler.setLabelsVisible(true)
                .setLabelsPosition(1.08)
                .setLabelsFont(Look.font(Font.BOLD, 14))
                .setLabelsFontColor(Look.INK);
        if (labels.size() > ROOMY) {
            styler.setAxisTickLabelsFont(Look.font(Font.PLAIN, 10));
        }
        double foot = scale(chart, layers);
        for (Layer layer : layers) {
            List<Double> values = layer.values().stream()
                    .map(value -> value == 0 ? foot * FOOT : value)
                    .toList();
            chart.addSeries(layer.name(), labels, values).setFillColor(layer.color());
        }
        return chart;
    }

    /** Sets the axis and what is printed on bars; returns where the axis begins. */
    private static double scale(CategoryChart chart, List<Layer> layers) {
        CategoryStyler styler = chart.getStyler();
        double[] values = layers.stream()
                .flatMap(layer -> layer.values().stream())
                .mapToDouble(Double::doubleValue)
                .filter(value -> value > 0)
                .sorted()
                .toArray();
        double highest = values.length == 0 ? 1 : values[values.length - 1];
        double lowest = values.length == 0 ? 1 : values[0];
        if (highest / lowest <= WIDE) {
            styler.setYAxisMin(0.0).setYAxisMax(highest * (1 + HEADROOM));
            styler.setYAxisTickLabelsFormattingFunction(Figures::plain);
            return 0;
        }
        double foot = Math.pow(10, Math.floor(Math.log10(lowest * 0.6)));
        chart.setYAxisTitle(chart.getYAxisTitle() + " (logarithmic)");
        styler.setYAxisLogarithmic(true)
                .setYAxisMin(foot)
                .setYAxisMax(Math.pow(10, Math.log10(highest) + HEADROOM * (Math.log10(highest) - Math.log10(foot))));
        styler.setYAxisTickLabelsFormattingFunction(
                value -> value > foot && value < foot * FOOT * FOOT ? "0" : Figures.plain(value));
        return foot;
    }
}
