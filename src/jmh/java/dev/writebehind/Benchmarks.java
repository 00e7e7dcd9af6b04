package dev.writebehind;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The command that runs the benchmarks, with JMH's own options, and writes one table of them: {@code
 * target/jmh/benchmarks.md}, besides JMH's {@code results.json}. Used by the main thread.
 */
public final class Benchmarks {
    private static final Path DIRECTORY = Path.of("target", "jmh");

    private Benchmarks() {}

    public static void main(String[] args) throws CommandLineOptionException, IOException, RunnerException {
        Files.createDirectories(DIRECTORY);
        CommandLineOptions given = new CommandLineOptions(args);
        if (given.shouldHelp()) {
            given.showHelp();
            return;
        }
        Options options = new OptionsBuilder()
                .parent(given)
                .addProfiler(GCProfiler.class)
                .forks(given.getForkCount().orElse(2))
                .warmupIterations(given.getWarmupIterations().orElse(4))
                .measurementIterations(given.getMeasurementIterations().orElse(4))
                .warmupTime(given.getWarmupTime().orElse(TimeValue.seconds(2)))
                .measurementTime(given.getMeasurementTime().orElse(TimeValue.seconds(2)))
                .jvmArgsAppend("-Xmx1g")
                .shouldFailOnError(true)
                .resultFormat(ResultFormatType.JSON)
                .result(DIRECTORY.resolve("results.json").toString())
                .build();
        String table = table(new Runner(options).run());
        Files.writeString(DIRECTORY.resolve("benchmarks.md"), table);
        System.out.println(table);
    }

    static String table(Collection<RunResult> results) {
        StringBuilder text = new StringBuilder("| | ns | ± | bytes allocated |\n|---|--:|--:|--:|\n");
        for (RunResult result : results) {
            Result<?> time = result.getPrimaryResult();
            Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
            boolean setUpCounts = result.getParams().getBenchmark().contains("Steps");
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %,.0f | %s | %s |%n",
                    time.getLabel(),
                    time.getScore(),
                    number(time.getScoreError()),
                    number(setUpCounts || allocated == null ? Double.NaN : allocated.getScore())));
        }
        return text.toString();
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%,.0f", value);
    }
}
