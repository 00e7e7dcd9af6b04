package dev.writebehind.loadtest;

import dev.writebehind.loadtest.bench.SharedLog;
import dev.writebehind.loadtest.bench.SharedLog.Outcome;
import dev.writebehind.loadtest.bench.SharedLog.Plan;
import dev.writebehind.loadtest.comparison.Machine;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.report.SharedLogReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that gives the service on a Kafka topic, and a bridge with a JDBC sink behind it, the same work. */
@Command(
        name = "shared-log",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Gives the service with journal.kind: kafka, and a REST bridge with Debezium's JDBC sink behind"
                + " it, the same work on the same three brokers, in turns, and compares the rows; then tries what"
                + " either makes of a row that the database refuses, of writes of a key in several partitions, and of"
                + " resets. Exit code 0 if the service has lost nothing, 3 if it has, 1 if it failed.")
final class SharedLogCommand implements Callable<Integer> {
    private static final int LOST = 3;

    @Option(
            names = "--sides",
            split = ",",
            paramLabel = "NAME",
            description = "parts of the names of those that take part (all)")
    private List<String> sides = new ArrayList<>();

    @Option(names = "--rounds", description = "runs of each (default: ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(names = "--writes", description = "in all (default: ${DEFAULT-VALUE})")
    private int writes = 400_000;

    @Option(names = "--learners", description = "who make them (default: ${DEFAULT-VALUE})")
    private int learners = 20_000;

    @Option(
            names = "--trials",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "what goes wrong as well (default)")
    private boolean trials = true;

    @Mixin
    private MeasuringOptions options = new MeasuringOptions();

    @Override
    public Integer call() throws Exception {
        Progress progress = new Progress(System.out);
        return OrderlyEnd.of(() -> measure(progress), progress);
    }

    private int measure(Progress progress) throws Exception {
        Path directory = options.directory();
        Outcome outcome = new SharedLog(progress)
                .run(
                        new Plan(options.database(), sides, rounds, writes, learners, trials),
                        Path.of("."),
                        directory.resolve("runs"));
        SharedLogReport.write(
                outcome.results(),
                outcome.trials(),
                String.join("; ", Machine.description(), outcome.database(), "`" + options.asGiven() + "`"),
                directory);
        progress.say(SharedLogReport.markdown(outcome.results(), outcome.trials()));
        boolean lost = outcome.results().stream()
                        .anyMatch(result -> result.side().equals(SharedLog.SERVICE) && result.different() > 0)
                || outcome.trials().stream()
                        .anyMatch(
                                trial -> trial.side().equals(SharedLog.SERVICE) && trial.missing() + trial.wrong() > 0);
        return lost ? LOST : 0;
    }
}
