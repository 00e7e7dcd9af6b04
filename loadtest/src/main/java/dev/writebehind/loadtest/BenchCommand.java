package dev.writebehind.loadtest;

import dev.writebehind.loadtest.bench.Bench;
import dev.writebehind.loadtest.bench.Bench.Plan;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.report.BenchmarkReport;
import dev.writebehind.loadtest.result.BenchmarkResults;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures each part of the service beside its limit. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures each part of the service beside what limits it, in turns, with the processor time that"
                + " every process takes, and writes a page. Exit code 0 if all rows are right, 3 if not, 1 if it"
                + " failed.")
final class BenchCommand implements Callable<Integer> {
    private static final int NOT_RIGHT = 3;

    @Option(
            names = "--parts",
            split = ",",
            paramLabel = "NAME",
            description = "of http, journal, flush, ingest, database")
    private Set<String> parts = new LinkedHashSet<>(Bench.PARTS);

    @Option(names = "--rounds", description = "slices of each side (default: ${DEFAULT-VALUE})")
    private int rounds = 5;

    @Option(names = "--seconds", description = "of a slice (default: ${DEFAULT-VALUE})")
    private double seconds = 5;

    @Option(names = "--warm-up", description = "seconds of each side, before the first slice (${DEFAULT-VALUE})")
    private double warmUp = 15;

    @Option(names = "--rows", description = "that a flush brings into the table (default: ${DEFAULT-VALUE})")
    private int rows = 100_000;

    @Mixin
    private MeasuringOptions options = new MeasuringOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (!Bench.PARTS.containsAll(parts)) {
            throw new ParameterException(spec.commandLine(), "--parts must be of " + String.join(", ", Bench.PARTS));
        }
        Progress progress = new Progress(System.out);
        return OrderlyEnd.of(() -> measure(progress), progress);
    }

    private int measure(Progress progress) throws Exception {
        Path directory = options.directory();
        BenchmarkResults results = new Bench(progress)
                .run(
                        new Plan(options.database(), parts, rounds, seconds, warmUp, rows),
                        Path.of("."),
                        directory.resolve("runs"),
                        options.asGiven());
        BenchmarkReport.write(results, directory);
        progress.say("The page is " + directory.resolve("index.html"));
        return results.isRight() ? 0 : NOT_RIGHT;
    }
}
