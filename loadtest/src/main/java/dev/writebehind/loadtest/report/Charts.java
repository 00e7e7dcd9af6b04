package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.report.BarCharts.Bar;
import dev.writebehind.loadtest.report.BarCharts.Layer;
import dev.writebehind.loadtest.report.LineCharts.Line;
import dev.writebehind.loadtest.result.Latency;
import dev.writebehind.loadtest.result.Recording;
import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Second;
import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.XYChart;

/** The charts of one scenario, each of the median runs of its variants; stateless, safe from any thread. */
final class Charts {
    static final int WIDTH = 640;
    static final int HEIGHT = 360;

    private static final List<String> PERCENTILES = List.of("p50", "p95", "p99", "p99.9", "max");

    private Charts() {}

    static CategoryChart throughput(String title, int width, int height, List<Rounds> variants) {
        return bars(
                title,
                "writes accepted per second",
                width,
                height,
                variants,
                run -> run.recording().throughput());
    }

    static CategoryChart p99(String title, int width, int height, List<Rounds> variants) {
        return bars(
                title,
                "p99 from when it was due, ms",
                width,
                height,
                variants,
                run -> answered(run, run.recording().answers().p99()));
    }

    static CategoryChart statements(String title, int width, int height, List<Rounds> variants) {
        return bars(
                title, "statements per accepted write", width, height, writing(variants), Charts::statementsPerWrite);
    }

    /** Returns those that have a database at all. */
    static List<Rounds> writing(List<Rounds> variants) {
        return variants.stream()
                .filter(rounds -> rounds.median().database().statements() > 0)
                .toList();
    }

    static CategoryChart percentiles(List<Rounds> variants) {
        List<Line> lines = variants.stream()
                .map(rounds -> line(
                        rounds,
                        List.of(),
                        percentiles(rounds.median().recording().answers())))
                .toList();
        return LineCharts.overNames("from when it was due, ms", WIDTH, HEIGHT, PERCENTILES, lines);
    }

    static CategoryChart cpu(List<Rounds> variants) {
        List<Run> runs = variants.stream().map(Rounds::median).toList();
        List<Layer> layers = List.of(
                new Layer("target", Look.TARGET, values(runs, run -> run.cpu().target())),
                new Layer("client", Look.CLIENT, values(runs, run -> run.cpu().client())),
                new Layer(
                        "database", Look.DATABASE, values(runs, run -> run.cpu().database())),
                new Layer("rest of the machine", Look.REST, values(runs, Charts::rest)));
        return BarCharts.stacks("", "processors in use, cores", WIDTH, HEIGHT, labels(variants), layers);
    }

    static XYChart throughputOverTime(String title, int width, int height, List<Rounds> variants) {
        List<Line> lines = new ArrayList<>();
        lines.add(due(variants));
        for (Rounds rounds : variants) {
            lines.add(overTime(rounds, Second::accepted));
        }
        return phases(
                LineCharts.plain(title, "seconds since the measuring began", "writes per second", width, height, lines),
                variants);
    }

    static XYChart p99OverTime(List<Rounds> variants) {
        List<Line> lines =
                variants.stream().map(rounds -> overTime(rounds, Second::p99)).toList();
        return phases(
                LineCharts.logarithmic(
                        "", "seconds since the measuring began", "p99 of that second, ms", WIDTH, HEIGHT, lines),
                variants);
    }

    /** Statements per accepted write; not a number where no write was accepted, as there is no such figure then. */
    static double statementsPerWrite(Run run) {
        return run.recording().acceptedInAll() == 0 ? Double.NaN : run.statementsPerWrite();
    }

    /** A figure of answers; not a number where there were none. */
    static double answered(Run run, double figure) {
        return run.recording().answers().count() == 0 ? Double.NaN : figure;
    }

    private static CategoryChart bars(
            String title, String axis, int width, int height, List<Rounds> variants, ToDoubleFunction<Run> figure) {
        List<Bar> bars = variants.stream()
                .map(rounds -> new Bar(
                        width > WIDTH ? rounds.variant().title() : Look.label(rounds.variant()),
                        figure.applyAsDouble(rounds.median()),
                        Look.of(rounds.variant())))
                .toList();
        return BarCharts.bars(title, axis, width, height, bars);
    }

    private static List<String> labels(List<Rounds> variants) {
        return variants.stream().map(rounds -> Look.label(rounds.variant())).toList();
    }

    private static <T> List<Double> values(List<T> all, ToDoubleFunction<T> figure) {
        return all.stream().mapToDouble(figure).boxed().toList();
    }

    private static double rest(Run run) {
        return Math.max(
                0,
                run.cpu().machine()
                        - run.cpu().target()
                        - run.cpu().client()
                        - run.cpu().database());
    }

    private static List<Double> percentiles(Latency latency) {
        return List.of(latency.p50(), latency.p95(), latency.p99(), latency.p999(), latency.max());
    }

    private static Line line(Rounds rounds, List<Double> x, List<Double> y) {
        return new Line(rounds.variant().title(), Look.of(rounds.variant()), Look.LINE, x, y);
    }

    private static Line overTime(Rounds rounds, ToDoubleFunction<Second> figure) {
        List<Second> timeline = timeline(rounds);
        return line(rounds, at(timeline), values(timeline, figure));
    }

    /** Until the measured phase ends: later nothing is due. */
    private static List<Second> timeline(Rounds rounds) {
        Recording recording = rounds.median().recording();
        return recording.timeline().stream()
                .filter(second -> second.at() < Math.max(1, Math.floor(recording.seconds())))
                .toList();
    }

    private static List<Double> at(List<Second> timeline) {
        return values(timeline, Second::at);
    }

    /** The schedule is the same for all variants; the longest timeline shows all of it. */
    private static Line due(List<Rounds> variants) {
        List<Second> longest = List.of();
        for (Rounds rounds : variants) {
            List<Second> timeline = timeline(rounds);
            longest = timeline.size() > longest.size() ? timeline : longest;
        }
        BasicStroke stroke = Look.DASHED;
        return new Line("due", Look.MUTED, stroke, at(longest), values(longest, Second::due));
    }

    private static XYChart phases(XYChart chart, List<Rounds> variants) {
        boolean warmUp = variants.stream()
                .flatMap(rounds -> rounds.median().recording().timeline().stream())
                .anyMatch(second -> second.at() < 0);
        if (warmUp) {
            LineCharts.mark(chart, 0);
        }
        return chart;
    }
}
