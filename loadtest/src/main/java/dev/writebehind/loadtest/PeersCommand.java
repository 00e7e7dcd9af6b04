package dev.writebehind.loadtest;

import dev.writebehind.loadtest.bench.Peers;
import dev.writebehind.loadtest.bench.Peers.Outcome;
import dev.writebehind.loadtest.bench.Peers.Plan;
import dev.writebehind.loadtest.comparison.Machine;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.report.PeersReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that gives the service's core and other write-behinds the same work. */
@Command(
        name = "peers",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Gives the service's core and other write-behinds the same work, in turns, each in a process and"
                + " with a table of its own, and compares the rows. Exit code 0 if the service has lost nothing, 3 if"
                + " it has, 1 if it failed.")
final class PeersCommand implements Callable<Integer> {
    private static final int LOST = 3;

    @Option(
            names = "--engines",
            split = ",",
            paramLabel = "NAME",
            description = "parts of the names of those that take part (all)")
    private List<String> engines = new ArrayList<>();

    @Option(names = "--rounds", description = "runs of each (default: ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(names = "--writes", description = "in all (default: ${DEFAULT-VALUE})")
    private int writes = 400_000;

    @Option(names = "--learners", description = "who make them (default: ${DEFAULT-VALUE})")
    private int learners = 20_000;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "of the same work for other learners before, which do not count (default: ${DEFAULT-VALUE})")
    private int warmUp = 15;

    @Mixin
    private MeasuringOptions options = new MeasuringOptions();

    @Override
    public Integer call() throws Exception {
        Progress progress = new Progress(System.out);
        return OrderlyEnd.of(() -> measure(progress), progress);
    }

    private int measure(Progress progress) throws Exception {
        Path directory = options.directory();
        Outcome outcome = new Peers(progress)
                .run(
                        new Plan(options.database(), engines, rounds, writes, learners, warmUp),
                        Path.of("."),
                        directory.resolve("runs"));
        PeersReport.write(
                outcome.results(),
                String.join("; ", Machine.description(), outcome.database(), "`" + options.asGiven() + "`"),
                directory);
        progress.say(PeersReport.markdown(outcome.results()));
        boolean lost = outcome.results().stream()
                .anyMatch(result -> result.engine().startsWith("the service") && result.lost() + result.wrong() > 0);
        return lost ? LOST : 0;
    }
}
