package dev.writebehind.loadtest;

import dev.writebehind.loadtest.bench.Curve;
import dev.writebehind.loadtest.bench.Curve.Plan;
import dev.writebehind.loadtest.bench.CurveSeries;
import dev.writebehind.loadtest.comparison.Machine;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.report.CurveReport;
import dev.writebehind.loadtest.result.CurvePoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
            names = "--database",
            paramLabel = "URI",
            description = "mysql://user:password@host:port/any of a server; without it, a MariaDB is started")
    private String database = "";

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

    @Option(names = "--out", paramLabel = "DIR", description = "for charts and tables (loadtest/results/curve)")
    private String out = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Progress progress = new Progress(System.out);
        return OrderlyEnd.of(() -> measure(progress), progress);
    }

    private int measure(Progress progress) throws Exception {
        Path directory = Files.createDirectories(Main.output(out, Path.of("results", "curve")));
        List<CurvePoint> points = new Curve(progress)
                .run(new Plan(database, series, seconds, most), Path.of("."), directory.resolve("runs"));
        String command = Main.withoutPasswords(
                spec.commandLine().getParseResult().originalArgs().toArray(String[]::new));
        CurveReport.write(
                points,
                name -> CurveSeries.named(name).axis(),
                Machine.description() + "; `" + command + "`",
                directory);
        progress.say("The charts are in " + directory);
        return points.stream().allMatch(point -> point.rows().different() == 0) ? 0 : NOT_RIGHT;
    }
}
