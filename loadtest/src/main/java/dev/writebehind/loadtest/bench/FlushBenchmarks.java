package dev.writebehind.loadtest.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.loadtest.bench.Site.Load;
import dev.writebehind.loadtest.comparison.Child;
import dev.writebehind.loadtest.comparison.CpuMeter;
import dev.writebehind.loadtest.comparison.Processes;
import dev.writebehind.loadtest.comparison.RunFailedException;
import dev.writebehind.loadtest.result.Benchmark;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The flush of what has piled up, beside the flusher's statements over batches that were encoded before: rows that are
 * new, that are there, half and half. Each slice has a table and processes of its own. Not for concurrent use.
 */
final class FlushBenchmarks {
    private static final String BARE = "bare upsert";
    private static final String SERVICE = "flush";
    private static final int LANES = 2;
    private static final int BATCH = 500;
    private static final int BLOCKS = 50;

    private static final Duration BARE_END = Duration.ofMinutes(10);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<Double, String> MIXES =
            new TreeMap<>(Map.of(1.0, "new rows", 0.0, "rows that are there", 0.5, "half and half"));

    private final Processes processes;
    private final String serverUri;
    private final Path files;
    private final int rows;

    FlushBenchmarks(Processes processes, String serverUri, Path files, int rows) {
        this.processes = processes;
        this.serverUri = serverUri;
        this.files = files;
        this.rows = rows;
    }

    void run(int rounds, Bench bench) throws InterruptedException, IOException, SQLException {
        for (Map.Entry<Double, String> mix : MIXES.entrySet()) {
            List<Slice> slices = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                boolean bareFirst = round % 2 == 1;
                slices.add(bareFirst ? bare(mix.getKey(), round) : flush(mix, round, bench));
                slices.add(bareFirst ? flush(mix, round, bench) : bare(mix.getKey(), round));
                slices.subList(slices.size() - 2, slices.size())
                        .forEach(slice -> bench.progress()
                                .say(String.format(
                                        Locale.ROOT,
                                        "  %d %-28s %,12.0f/s  µs each %s",
                                        slice.round(),
                                        slice.side(),
                                        slice.perSecond(),
                                        slice.cpuMicros())));
            }
            bench.add(new Benchmark(
                    "Flush, " + mix.getValue(),
                    String.format(
                            Locale.ROOT,
                            "%,d keys pile up, are then let go, and are timed until the last is in the table; %d lanes,"
                                    + " %d rows a batch. The limit: the flusher's own statements over batches that are"
                                    + " encoded before. The service has flushed %,d other rows by then. Processor time"
                                    + " is of all rows, those included that are put there before the timing begins.",
                            rows,
                            LANES,
                            BATCH,
                            rows / 2),
                    "rows",
                    BARE,
                    slices));
        }
    }

    private Slice bare(double newShare, int round) throws InterruptedException, IOException {
        try (Site site = Site.open(processes, serverUri, files, "bare-upsert")) {
            long database = CpuMeter.listenerOn(site.databasePort()).orElse(0);
            double before = CpuMeter.seconds(database);
            try (Child child =
                    processes.bareUpsert(site.databaseUri(), LANES, BATCH, rows, newShare, site.directory("bare"))) {
                JsonNode figures = JSON.readTree(child.awaitReady(BARE_END).group(1));
                long all = Math.round(rows * (2 - newShare));
                int there = site.schema().database().rows();
                if (figures.get("rows").asInt() != rows || there != rows) {
                    throw new RunFailedException("the statements alone left " + there + " rows of " + rows);
                }
                Map<String, Double> cpu = new HashMap<>();
                if (database != 0) {
                    cpu.put("database", (CpuMeter.seconds(database) - before) * 1e6 / all);
                }
                return slice(BARE, round, figures.get("seconds").asDouble(), cpu);
            }
        }
    }

    private Slice flush(Map.Entry<Double, String> mix, int round, Bench bench)
            throws InterruptedException, IOException, SQLException {
        try (Site site = Site.open(processes, serverUri, files, "flush")) {
            RunningTarget service = site.service("2g", Map.of());
            long database = CpuMeter.listenerOn(site.databasePort()).orElse(0);
            Load all = new Load(8, 500, rows, BLOCKS);
            Worker client = site.client(service, "/v1/completions?ack=memory", all, true);
            Worker warmUp =
                    site.client(service, "/v1/completions?ack=memory", new Load(8, 500, rows / 2, BLOCKS), true);
            warmUp.all();
            service.awaitFlushed();
            int old = (int) Math.round(rows * (1 - mix.getKey()));
            service.pause();
            double cpuBefore = CpuMeter.seconds(database);
            if (old > 0) {
                client.some((double) old / rows);
                service.resume();
                service.awaitFlushed();
                service.pause();
            }
            client.all();
            if (service.pendingKeys() != rows) {
                throw new RunFailedException("not all keys wait: " + service.pendingKeys() + " of " + rows);
            }
            double serviceBefore = CpuMeter.seconds(service.pid());
            long begin = System.nanoTime();
            service.resume();
            service.awaitFlushed();
            double seconds = (System.nanoTime() - begin) / 1e9;
            Map<String, Double> cpu =
                    new HashMap<>(Map.of("server", (CpuMeter.seconds(service.pid()) - serviceBefore) * 1e6 / rows));
            if (database != 0) {
                cpu.put("database", (CpuMeter.seconds(database) - cpuBefore) * 1e6 / (rows + old));
            }
            RowCheck check = site.compareRows();
            bench.check(mix.getValue() + ", round " + round, check);
            service.stop();
            return slice(SERVICE, round, seconds, cpu);
        }
    }

    private Slice slice(String side, int round, double seconds, Map<String, Double> cpu) {
        return new Slice(side, round, seconds, rows, 0, 0, 0, 0, 0, cpu);
    }
}
