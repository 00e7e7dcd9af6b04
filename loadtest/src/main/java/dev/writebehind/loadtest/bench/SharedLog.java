package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Sink.Setup;
import dev.writebehind.loadtest.comparison.CpuMeter;
import dev.writebehind.loadtest.comparison.DatabaseMeter;
import dev.writebehind.loadtest.comparison.DatabaseServer;
import dev.writebehind.loadtest.comparison.Processes;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.comparison.RunFailedException;
import dev.writebehind.loadtest.result.DatabaseUse;
import dev.writebehind.loadtest.result.LogTrial;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.SharedLogResult;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The same work for the service and for a bridge with Debezium's sink, on the same three brokers and against the same
 * database, each in fresh processes; then what either makes of what goes wrong. Not for concurrent use.
 */
public final class SharedLog {
    /** What the service is called in the results. */
    public static final String SERVICE = "the service";

    private static final String WRITES = "Handler_write";
    private static final String UPDATES = "Handler_update";
    private static final int CONNECTIONS = 64;
    private static final Duration END = Duration.ofMinutes(15);

    /** Who does the work; a sink has so many tasks, as many as the topic has partitions. */
    private record Side(String name, int tasks) {
        boolean isService() {
            return tasks == 0;
        }
    }

    private static final List<Side> SIDES = List.of(
            new Side(SERVICE, 0),
            new Side("bridge and sink", 1),
            new Side("the same with 3 partitions and 3 tasks", 3));

    private final Progress progress;

    public SharedLog(Progress progress) {
        this.progress = progress;
    }

    /**
     * What is to be measured.
     *
     * @param database a server's address; empty starts one
     * @param sides parts of their names; none: all
     */
    public record Plan(String database, List<String> sides, int rounds, int writes, int learners, boolean trials) {
        public Plan {
            sides = List.copyOf(sides);
        }

        private List<Side> chosen() {
            return SIDES.stream()
                    .filter(side -> sides.isEmpty()
                            || sides.stream().anyMatch(name -> side.name().contains(name)))
                    .toList();
        }
    }

    /**
     * The results, and where they are from; immutable.
     *
     * @param database what the server calls itself
     */
    public record Outcome(String database, List<SharedLogResult> results, List<LogTrial> trials) {
        public Outcome {
            results = List.copyOf(results);
            trials = List.copyOf(trials);
        }
    }

    /** Measures, the sides taking turns. */
    public Outcome run(Plan plan, Path loadtest, Path files) throws InterruptedException, IOException, SQLException {
        Processes processes = Processes.built(loadtest);
        List<SharedLogResult> results = new ArrayList<>();
        progress.begin("the start of the brokers");
        try (DatabaseServer server = DatabaseServer.open(plan.database(), files.resolve("mariadb"));
                LogSite brokers = LogSite.open(processes, server.uri(), files)) {
            progress.say(server.description());
            for (int round = 1; round <= plan.rounds(); round++) {
                List<Side> sides = plan.chosen();
                for (int i = 0; i < sides.size(); i++) {
                    Side side = sides.get((i + round - 1) % sides.size());
                    progress.begin(side.name());
                    SharedLogResult result = run(brokers, plan, side, round);
                    progress.end(
                            String.format(
                                    Locale.ROOT,
                                    "%,.0f/s, exact after %.1f s, %,d statements, %,d + %,d rows",
                                    result.acceptedPerSecond(),
                                    result.exactAfter(),
                                    result.statements(),
                                    result.writes(),
                                    result.updates()),
                            result.different() + " differ");
                    results.add(result);
                }
            }
            List<LogTrial> trials = plan.trials() ? new SharedLogTrials(brokers, progress).run() : List.of();
            return new Outcome(server.description(), results, trials);
        }
    }

    private SharedLogResult run(LogSite brokers, Plan plan, Side side, int round)
            throws InterruptedException, IOException, SQLException {
        try (Site site = brokers.table()) {
            String topic = brokers.topic(Math.max(1, side.tasks()));
            if (side.isService()) {
                RunningTarget service = brokers.service(site, topic);
                return measure(brokers, site, plan, side, round, service, service::awaitFlushed, service.pid());
            }
            RunningTarget bridge = brokers.bridge(site, topic, false);
            ConnectWorker worker = brokers.worker(site);
            Sink sink = brokers.sink(worker, site, topic, new Setup(side.tasks(), false, ""));
            return measure(
                    brokers,
                    site,
                    plan,
                    side,
                    round,
                    bridge,
                    () -> {
                        if (!sink.awaitAll(END)) {
                            throw new RunFailedException(sink.failure());
                        }
                    },
                    bridge.pid(),
                    worker.pid());
        }
    }

    /** Returns when the table has all. */
    private interface Drain {
        void await() throws InterruptedException, IOException;
    }

    private SharedLogResult measure(
            LogSite brokers,
            Site site,
            Plan plan,
            Side side,
            int round,
            RunningTarget target,
            Drain drain,
            long... pids)
            throws InterruptedException, IOException, SQLException {
        Worker client = site.drawnClient(target, CONNECTIONS, plan.writes(), plan.learners());
        long server = CpuMeter.listenerOn(site.databasePort()).orElse(0);
        Map<String, Long> before = site.schema().database().globalStatus();
        DatabaseMeter meter = new DatabaseMeter(site.schema());
        double cpu = cpu(pids);
        double brokersCpu = brokers.brokersCpu();
        double databaseCpu = cpu(server);
        long begin = System.nanoTime();
        Worker.Done done = client.all();
        drain.await();
        double exact = (System.nanoTime() - begin) / 1e9;
        cpu = cpu(pids) - cpu;
        brokersCpu = brokers.brokersCpu() - brokersCpu;
        databaseCpu = cpu(server) - databaseCpu;
        DatabaseUse use = meter.end();
        progress.say("  statements of " + side.name() + ": " + use.byKind());
        Map<String, Long> after = site.schema().database().globalStatus();
        RowCheck rows = site.compareRows();
        return new SharedLogResult(
                side.name(),
                round,
                done.units() / done.seconds(),
                done.p99(),
                exact,
                use.statements(),
                since(before, after, WRITES),
                since(before, after, UPDATES),
                cpu,
                brokersCpu,
                databaseCpu,
                rows.keys(),
                rows.different() + done.failed());
    }

    private static long since(Map<String, Long> before, Map<String, Long> after, String counter) {
        return after.getOrDefault(counter, 0L) - before.getOrDefault(counter, 0L);
    }

    private static double cpu(long... pids) {
        double seconds = 0;
        for (long pid : pids) {
            seconds += CpuMeter.seconds(pid);
        }
        return seconds;
    }
}
