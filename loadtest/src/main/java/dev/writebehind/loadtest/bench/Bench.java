package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Slicer.Turns;
import dev.writebehind.loadtest.comparison.DatabaseServer;
import dev.writebehind.loadtest.comparison.Machine;
import dev.writebehind.loadtest.comparison.Processes;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.result.Benchmark;
import dev.writebehind.loadtest.result.BenchmarkResults;
import dev.writebehind.loadtest.result.RowCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** All benchmarks that one command runs, one after the other. Not for concurrent use. */
public final class Bench {
    /** What there is. */
    public static final List<String> PARTS = List.of("http", "journal", "flush", "ingest", "database");

    private final Progress progress;
    private final List<Benchmark> benchmarks = new ArrayList<>();
    private final Map<String, RowCheck> rows = new LinkedHashMap<>();

    public Bench(Progress progress) {
        this.progress = progress;
    }

    /**
     * What is to be measured.
     *
     * @param database a server's address; empty starts one
     * @param parts of {@link #PARTS}
     * @param seconds of a slice
     * @param warmUp seconds of each side before its first slice
     * @param rows that a flush brings into the table
     */
    public record Plan(String database, Set<String> parts, int rounds, double seconds, double warmUp, int rows) {
        public Plan {
            parts = Set.copyOf(parts);
        }
    }

    /**
     * Measures. Throws {@link dev.writebehind.loadtest.comparison.RunFailedException} where that can't be done; nothing
     * is left running in any case.
     *
     * @param loadtest directory of the load tests, built
     * @param files for what the processes leave behind
     */
    public BenchmarkResults run(Plan plan, Path loadtest, Path files, String command)
            throws InterruptedException, IOException, SQLException {
        Turns turns = new Turns(plan.rounds(), plan.seconds(), plan.warmUp());
        Processes processes = Processes.built(loadtest);
        try (DatabaseServer server = DatabaseServer.open(plan.database(), files.resolve("mariadb"))) {
            String description = server.description();
            progress.say(description);
            if (plan.parts().contains("http")) {
                try (Site site = Site.open(processes, server.uri(), files, "http")) {
                    check("single writes and arrays", HttpBenchmarks.run(site, turns, this));
                }
            }
            if (plan.parts().contains("journal")) {
                try (Site site = Site.open(processes, server.uri(), files, "journal")) {
                    JournalBenchmarks.run(site, turns, this);
                }
            }
            if (plan.parts().contains("flush")) {
                new FlushBenchmarks(processes, server.uri(), files, plan.rows()).run(plan.rounds(), this);
            }
            if (plan.parts().contains("ingest")) {
                check(
                        "ingest while rows are flushed",
                        new IngestBenchmarks(processes, server.uri(), files, turns, plan.rows()).run(this));
            }
            if (plan.parts().contains("database")) {
                try (Site site = Site.open(processes, server.uri(), files, "database")) {
                    check("ack=database", DatabaseBenchmarks.run(site, turns, this));
                }
            }
            return new BenchmarkResults(Instant.now(), command, Machine.description(), description, benchmarks, rows);
        }
    }

    Progress progress() {
        return progress;
    }

    void add(Benchmark benchmark) {
        benchmarks.add(benchmark);
        progress.say(benchmark.name());
        for (String side : benchmark.sides()) {
            progress.say(String.format(
                    Locale.ROOT,
                    "  %-28s %,12.0f %s/s, %.2f of the limit",
                    side,
                    benchmark.median(side, slice -> slice.perSecond()),
                    benchmark.unit(),
                    benchmark.ratio(side, slice -> slice.perSecond())));
        }
    }

    void check(String what, RowCheck check) {
        rows.put(what, check);
        progress.say(String.format(Locale.ROOT, "  %s: %,d rows, %d differ", what, check.rows(), check.different()));
        check.examples().forEach(progress::say);
    }
}
