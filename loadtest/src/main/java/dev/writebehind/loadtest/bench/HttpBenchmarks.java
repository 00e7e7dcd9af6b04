package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Site.Load;
import dev.writebehind.loadtest.bench.Slicer.Side;
import dev.writebehind.loadtest.bench.Slicer.Turns;
import dev.writebehind.loadtest.result.Benchmark;
import dev.writebehind.loadtest.result.RowCheck;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Requests with one write and with many, beside a server that does the least with them. Not for concurrent use. */
final class HttpBenchmarks {
    static final String BARE = "bare server";
    private static final String PATH = "/v1/completions";
    private static final Load SINGLE = new Load(64, 1, 20_000, 20);
    private static final Load ARRAYS = new Load(64, 100, 64_000, 50);
    private static final List<String> LEVELS = List.of("memory", "journal");

    private HttpBenchmarks() {}

    /** Measures all; returns what the table held in the end. */
    static RowCheck run(Site site, Turns turns, Bench bench) throws InterruptedException, IOException, SQLException {
        Slicer slicer = new Slicer(site.databasePort(), turns, bench.progress());
        RunningTarget service = site.service("1g", Map.of());
        RunningTarget bare = site.bareServer();
        List<Side> singles = sides(site, service, bare, SINGLE);
        List<Side> arrays = sides(site, service, bare, ARRAYS);
        service.pause();
        bench.add(new Benchmark(
                "Single writes, flushing paused",
                "64 connections, one write in each request, 20,000 keys. The limit is a Vert.x Router with its"
                        + " BodyHandler, the same bodies decoded, and each write put into a Caffeine cache.",
                "writes",
                BARE,
                slicer.interleave(singles)));
        bench.add(new Benchmark(
                "Arrays of 100, flushing paused",
                "64 connections, 100 writes in each request, 64,000 keys; the same limit.",
                "writes",
                BARE,
                slicer.interleave(arrays)));
        service.resume();
        service.awaitFlushed();
        bench.add(new Benchmark(
                "Single writes while they are flushed",
                "As above, and every 250 ms all keys that were written go to the table: the database takes its part of"
                        + " the processors.",
                "writes",
                BARE,
                slicer.interleave(singles)));
        service.awaitFlushed();
        return site.compareRows();
    }

    private static List<Side> sides(Site site, RunningTarget service, RunningTarget bare, Load load)
            throws InterruptedException {
        List<Side> sides = new ArrayList<>();
        Worker limit = site.client(bare, PATH, load, false);
        sides.add(new Side(BARE, seconds -> limit.go(seconds, 0), Map.of("server", bare.pid(), "client", limit.pid())));
        for (String level : LEVELS) {
            Worker client = site.client(service, PATH + "?ack=" + level, load, true);
            sides.add(new Side(
                    "ack=" + level,
                    seconds -> client.go(seconds, 0),
                    Map.of("server", service.pid(), "client", client.pid())));
        }
        return sides;
    }
}
