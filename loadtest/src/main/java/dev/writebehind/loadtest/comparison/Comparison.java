package dev.writebehind.loadtest.comparison;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.loadtest.result.Ceilings;
import dev.writebehind.loadtest.result.PoolTrial;
import dev.writebehind.loadtest.result.Recording;
import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The comparison that one command makes: all runs, one after the other, and the ceilings. Not for concurrent use. */
public final class Comparison {
    private static final List<Integer> POOLS = List.of(8, 16, 32, 64);
    /** Of the best: the smallest pool that achieves it is taken, since what is within it is chance. */
    private static final double GOOD_ENOUGH = 0.95;
    /** The service's defaults. */
    private static final int LANES = 2;

    private static final int BATCH = 500;
    private static final int UPSERT_SECONDS = 5;

    private final Options options;
    private final Plans plans;
    private final Processes processes;
    private final Path files;
    private final Progress progress;
    private final List<Run> runs = new ArrayList<>();
    private final List<PoolTrial> poolTrials = new ArrayList<>();

    /**
     * Prepares.
     *
     * @param loadtest directory of the load tests, built
     * @param files for what the runs leave behind
     */
    public Comparison(Options options, Path loadtest, Path files, Progress progress) throws IOException {
        this.options = options;
        this.plans = new Plans(options);
        this.processes = Processes.built(loadtest);
        this.files = files;
        this.progress = progress;
    }

    /**
     * Does all runs. Throws {@link RunFailedException} when one can't be done; nothing is left running in any case.
     *
     * @param command that repeats it
     */
    public Results execute(String command) throws InterruptedException, IOException, SQLException {
        progress.say("starting the database");
        try (DatabaseServer server = DatabaseServer.open(options.database(), files.resolve("mariadb"))) {
            String description = server.description();
            progress.say(description);
            int pool = pool(server);
            List<RunPlan> todo = plans.runs(pool);
            for (int at = 0; at < todo.size(); at++) {
                runs.add(run(server, todo.get(at), (at + 1) + "/" + todo.size()));
            }
            Ceilings ceilings = options.scenarios().contains("MaxThroughput") ? ceilings(server) : null;
            return new Results(
                    Instant.now(),
                    command,
                    Machine.description(),
                    description,
                    pool,
                    poolTrials,
                    runs,
                    ceilings,
                    Verdicts.of(runs, options.isLong()));
        }
    }

    private int pool(DatabaseServer server) throws InterruptedException, IOException, SQLException {
        Integer given = options.pool();
        if (given != null) {
            return given;
        }
        for (int pool : POOLS) {
            String name = "pool of " + pool;
            Run saturated = run(server, plans.poolTrial(pool), name);
            Run busy = run(server, plans.busyPoolTrial(pool), name);
            poolTrials.add(new PoolTrial(
                    pool, saturated.recording().throughput(), busy.recording().acceptedPerSecond()));
        }
        double best = poolTrials.stream()
                .mapToDouble(PoolTrial::acceptedPerSecond)
                .max()
                .orElseThrow();
        return poolTrials.stream()
                .filter(trial -> trial.acceptedPerSecond() >= GOOD_ENOUGH * best)
                .findFirst()
                .orElseThrow()
                .connections();
    }

    private Run run(DatabaseServer server, RunPlan plan, String count)
            throws InterruptedException, IOException, SQLException {
        progress.begin(
                "[" + count + "] " + plan.scenario() + ", " + plan.variant().title());
        Run run = new OneRun(processes, server.uri(), plan, files).execute();
        Recording recording = run.recording();
        progress.end(
                plan.isOpenEnded()
                        ? String.format(Locale.ROOT, "%,.0f writes/s at the knee", recording.throughput())
                        : String.format(
                                Locale.ROOT,
                                "%,.1f of %,.0f writes/s accepted, p99 %,.1f ms",
                                recording.acceptedPerSecond(),
                                recording.duePerSecond(),
                                recording.answers().p99()),
                String.format(
                        Locale.ROOT,
                        "%,d rows, %d differ",
                        run.rows().rows(),
                        run.rows().different()));
        run.rows().examples().forEach(progress::say);
        return run;
    }

    private @Nullable Ceilings ceilings(DatabaseServer server) throws InterruptedException, IOException {
        OptionalDouble bareHttp = bestKnee(Variant.BARE_HTTP);
        OptionalDouble service = bestKnee(Variant.AFTER_JOURNAL);
        if (bareHttp.isEmpty() || service.isEmpty()) {
            return null;
        }
        progress.begin("the flusher's statements alone");
        Path directory = Processes.directory(files, "bare-upsert");
        try (RunSchema schema = RunSchema.create(server.uri(), Variant.BEFORE_DROPPED, 1);
                Child child = processes.bareUpsert(schema.targetUri(0), LANES, BATCH, UPSERT_SECONDS, directory)) {
            JsonNode figures = new ObjectMapper()
                    .readTree(child.awaitReady(Duration.ofSeconds(90)).group(1));
            double rows = figures.get("rowsPerSecond").asDouble();
            progress.end(String.format(Locale.ROOT, "%,.0f rows/s", rows), "");
            return new Ceilings(bareHttp.getAsDouble(), service.getAsDouble(), rows, LANES, BATCH, flushed());
        }
    }

    /** Rows that the service brought into the table in each second of its search for the knee, at the most. */
    private double flushed() {
        return runs.stream()
                .filter(run -> run.scenario().equals("MaxThroughput") && run.variant() == Variant.AFTER_JOURNAL)
                .mapToDouble(
                        run -> (run.database().rowsInserted() + run.database().rowsUpdated())
                                / (run.recording().seconds() + run.drainSeconds()))
                .max()
                .orElse(0);
    }

    private OptionalDouble bestKnee(Variant variant) {
        return runs.stream()
                .filter(run -> run.scenario().equals("MaxThroughput") && run.variant() == variant)
                .mapToDouble(run -> run.recording().throughput())
                .max();
    }
}
