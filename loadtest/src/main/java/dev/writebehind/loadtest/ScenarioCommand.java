package dev.writebehind.loadtest;

import dev.writebehind.loadtest.scenario.Load;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that runs one Gatling scenario against a service that somebody else runs, in this process. */
@Command(
        name = "scenario",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Runs one scenario against a running service, with Gatling's own report. Exit code 0 if its"
                + " assertions hold, 2 if not.")
final class ScenarioCommand implements Callable<Integer> {
    private static final String CLASSES = "dev.writebehind.loadtest.scenario.";

    @Parameters(
            paramLabel = "NAME",
            description = "LearnerDay, ExamSpike, UserTableBusy, DatabaseOutage, MobileBatch, Soak, MaxThroughput or"
                    + " HotLearner")
    private String scenario = "";

    @Option(names = "--target", description = "where the service listens (http://127.0.0.1:8080)")
    private String target = "";

    @Option(names = "--rate", description = "writes due in a second")
    private double rate;

    @Option(names = "--learners", description = "users 1 to this take part")
    private int learners;

    @Option(names = "--course-size", description = "blocks of the course")
    private int courseSize;

    @Option(names = "--warm-up", paramLabel = "SECONDS", description = "in which the rate grows")
    private int warmUp;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "after that")
    private int duration;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "of a request")
    private int timeout;

    @Option(names = "--ack", description = "memory, journal or database: asked for with each request")
    private String ack = "";

    @Option(names = "--out", paramLabel = "DIR", description = "for the reports (loadtest/results)")
    private String out = "results";

    @Override
    public Integer call() {
        Map<String, Object> given = new LinkedHashMap<>();
        given.put("target", target);
        given.put("rate", rate);
        given.put("learners", learners);
        given.put("courseSize", courseSize);
        given.put("warmUp", Duration.ofSeconds(warmUp));
        given.put("duration", Duration.ofSeconds(duration));
        given.put("timeout", Duration.ofSeconds(timeout));
        given.put("ack", ack);
        given.put("output", Path.of(out, scenario));
        given.values()
                .removeIf(value ->
                        value.equals("") || value.equals(0) || value.equals(0.0) || value.equals(Duration.ZERO));
        given.forEach(Load::set);
        System.setProperty("gatling.data.enableAnalytics", "false");
        // It ends the process with its own exit code.
        io.gatling.app.Gatling.main(new String[] {"-s", CLASSES + scenario, "-rf", out});
        return 0;
    }
}
