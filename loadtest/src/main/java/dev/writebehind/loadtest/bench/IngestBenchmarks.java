package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Site.Load;
import dev.writebehind.loadtest.bench.Slicer.Turns;
import dev.writebehind.loadtest.comparison.Child;
import dev.writebehind.loadtest.comparison.Processes;
import dev.writebehind.loadtest.comparison.RunFailedException;
import dev.writebehind.loadtest.result.Benchmark;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The time of a request while a pile of rows is flushed, beside that while nothing is; and the same of a server that
 * flushes nothing, while another process brings as many rows into the same database: what the database costs whoever
 * shares its processors. Not for concurrent use.
 */
final class IngestBenchmarks {
    private static final String PAUSED = "flushing paused";
    private static final String FLUSHING = "while rows are flushed";
    private static final String UNDISTURBED = "nobody writes rows";
    private static final String DISTURBED = "while another process writes rows";
    private static final double RATE = 2_000;
    private static final int LANES = 2;
    private static final int BATCH = 500;
    private static final int BLOCKS = 50;
    private static final int LOOK_MILLIS = 20;
    /** More than go into any table here: they last for a slice. */
    private static final int ROWS_A_SECOND = 60_000;

    private static final Map<String, String> ROOM = Map.of("WRITEBEHIND_BUFFER_MAX_PENDING", "20000000");

    private static final Load SINGLE = new Load(64, 1, 20_000, 20);

    private final Processes processes;
    private final String serverUri;
    private final Path files;
    private final Turns turns;
    private final int rows;

    /** @param leastRows of a pile; a longer slice takes more */
    IngestBenchmarks(Processes processes, String serverUri, Path files, Turns turns, int leastRows) {
        this.processes = processes;
        this.serverUri = serverUri;
        this.files = files;
        this.turns = turns;
        this.rows = (int) Math.max(leastRows, turns.seconds() * ROWS_A_SECOND);
    }

    /** Measures; returns what the table held in the end. */
    RowCheck run(Bench bench) throws InterruptedException, IOException, SQLException {
        try (Site site = Site.open(processes, serverUri, files, "ingest")) {
            RunningTarget service = site.service("2g", ROOM);
            Worker client = site.client(service, "/v1/completions?ack=journal", SINGLE, true);
            Worker bare = site.client(site.bareJournalServer(), "/v1/completions", SINGLE, false);
            flush(site, service, client, turns.warmUp());
            bare.go(turns.warmUp(), RATE);
            List<Slice> own = new ArrayList<>();
            List<Slice> others = new ArrayList<>();
            for (int round = 1; round <= turns.rounds(); round++) {
                if (round % 2 == 0) {
                    others.add(slice(DISTURBED, round, besideOthers(bare), bench));
                    others.add(slice(UNDISTURBED, round, bare.go(turns.seconds(), RATE), bench));
                }
                service.pause();
                own.add(slice(PAUSED, round, client.go(turns.seconds(), RATE), bench));
                own.add(slice(FLUSHING, round, flush(site, service, client, turns.seconds()), bench));
                if (round % 2 == 1) {
                    others.add(slice(UNDISTURBED, round, bare.go(turns.seconds(), RATE), bench));
                    others.add(slice(DISTURBED, round, besideOthers(bare), bench));
                }
            }
            bench.add(benchmark(
                    "Ingest while rows are flushed",
                    "%,d keys pile up and are let go as the slice begins; the limit: flushing stays paused.",
                    PAUSED,
                    own));
            bench.add(benchmark(
                    "Ingest by a server that flushes nothing, while another process writes rows",
                    "The bare server and journal, while another process brings %,d rows into the same database, by the"
                            + " flusher's own statements; the limit: nobody does.",
                    UNDISTURBED,
                    others));
            return site.compareRows();
        }
    }

    private Worker.Done flush(Site site, RunningTarget service, Worker client, double seconds)
            throws InterruptedException, IOException {
        service.pause();
        Worker.Done piled = site.client(service, "/v1/completions?ack=memory", new Load(8, BATCH, rows, BLOCKS), true)
                .all();
        if (piled.failed() > 0) {
            throw new RunFailedException(piled.failed() + " requests of the pile were not taken");
        }
        service.resume();
        Worker.Done done = client.go(seconds, RATE);
        if (seconds <= turns.seconds() && service.pendingKeys() <= SINGLE.keys()) {
            throw new RunFailedException("all " + rows + " rows were in the table before the slice was over");
        }
        service.awaitFlushed();
        return done;
    }

    private Worker.Done besideOthers(Worker bare) throws InterruptedException, IOException {
        try (Site other = Site.open(processes, serverUri, files, "others");
                Child upserts =
                        processes.bareUpsert(other.databaseUri(), LANES, BATCH, rows, 1, other.directory("upserts"))) {
            while (other.schema().database().rows() == 0) {
                if (!upserts.isAlive()) {
                    throw new RunFailedException(upserts.death());
                }
                Thread.sleep(LOOK_MILLIS);
            }
            Worker.Done done = bare.go(turns.seconds(), RATE);
            if (!upserts.isAlive()) {
                throw new RunFailedException("the other process was done before the slice was over");
            }
            return done;
        }
    }

    private Benchmark benchmark(String name, String what, String limit, List<Slice> slices) {
        String rate =
                " 64 connections, one write in each request, %,.0f requests/s; times count from when one was due.";
        return new Benchmark(name, String.format(Locale.ROOT, what + rate, rows, RATE), "writes", limit, slices);
    }

    private static Slice slice(String side, int round, Worker.Done done, Bench bench) {
        bench.progress()
                .say(String.format(
                        Locale.ROOT,
                        "  %d %-34s p50 %8.3f ms  p99 %8.3f ms  p99.9 %8.3f ms",
                        round,
                        side,
                        done.p50(),
                        done.p99(),
                        done.p999()));
        return done.slice(side, round, Map.of());
    }
}
