package dev.writebehind.loadtest;

import dev.writebehind.loadtest.bench.Curve;
import dev.writebehind.loadtest.bench.Curve.Plan;
import dev.writebehind.loadtest.bench.CurveSeries;
import dev.writebehind.loadtest.comparison.Machine;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.report.CurveReport;
import dev.writebehind.loadtest.result.CurvePoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that varies one thing at a time and draws what that does. */
@Command(
        name = "curve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Varies one thing at a time, over orders of magnitude, and draws what that does. Exit code 0 if"
                + " all rows are right, 3 if not, 1 if it failed.")
final class CurveCommand implements Callable<Integer> {
    private static final int NOT_RIGHT = 3;

    @Option(
            names = "--series",
            split = ",",
            paramLabel = "NAME",
            description = "of pending, connections, body, lanes, interval, table")
    private List<CurveSeries> series = new ArrayList<>(List.of(CurveSeries.values()));

    @Option(names = "--seconds", description = "of a point whose end time sets (default: ${DEFAULT-VALUE})")
    private double seconds = 10;

    @Option(names = "--most", description = "greatest value of a series (default: ${DEFAULT-VALUE})")
    private double most = 1e7;

    @Mixin
    private MeasuringOptions options = new MeasuringOptions();

    @Override
    public Integer call() throws Exception {
        Progress progress = new Progress(System.out);
        return OrderlyEnd.of(() -> measure(progress), progress);
    }

    private int measure(Progress progress) throws Exception {
        Path directory = options.directory();
        List<CurvePoint> points = new Curve(progress)
                .run(new Plan(options.database(), series, seconds, most), Path.of("."), directory.resolve("runs"));
        CurveReport.write(
                points,
                name -> CurveSeries.named(name).axis(),
                Machine.description() + "; `" + options.asGiven() + "`",
                directory);
        progress.say("The charts are in " + directory);
        return points.stream().allMatch(point -> point.rows().different() == 0) ? 0 : NOT_RIGHT;
    }
}
