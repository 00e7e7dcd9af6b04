package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Site.Load;
import dev.writebehind.loadtest.bench.Slicer.Side;
import dev.writebehind.loadtest.bench.Slicer.Turns;
import dev.writebehind.loadtest.result.Benchmark;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Slice;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Requests with one write and with many, beside a server that does the least with them. Not for concurrent use. */
final class HttpBenchmarks {
    static final String BARE = "bare server";
    static final String BARE_JOURNAL = "bare server and journal";
    private static final String PATH = "/v1/completions";
    private static final Load SINGLE = new Load(64, 1, 20_000, 20);
    private static final Load ARRAYS = new Load(64, 100, 64_000, 50);
    private static final List<String> LEVELS = List.of("memory", "journal");

    private HttpBenchmarks() {}

    /** Measures all; returns what the table held in the end. */
    static RowCheck run(Site site, Turns turns, Bench bench) throws InterruptedException, IOException, SQLException {
        Slicer slicer = new Slicer(site.databasePort(), turns, bench.progress());
        RunningTarget service = site.service("1g", Map.of());
        Map<String, RunningTarget> limits = new LinkedHashMap<>();
        limits.put(BARE, site.bareServer());
        limits.put(BARE_JOURNAL, site.bareJournalServer());
        List<Side> singles = sides(site, service, limits, SINGLE);
        List<Side> arrays = sides(site, service, limits, ARRAYS);
        service.pause();
        add(
                bench,
                "Single writes, flushing paused",
                "64 connections, one write in each request, 20,000 keys.",
                slicer.interleave(singles));
        add(
                bench,
                "Arrays of 100, flushing paused",
                "64 connections, 100 writes in each request, 64,000 keys.",
                slicer.interleave(arrays));
        service.resume();
        service.awaitFlushed();
        add(
                bench,
                "Single writes while they are flushed",
                "As above, and every 250 ms all keys that were written go to the table: the database takes its part of"
                        + " the processors.",
                slicer.interleave(singles));
        service.awaitFlushed();
        return site.compareRows();
    }

    /** Shows what was measured twice, divided by either limit. */
    private static void add(Bench bench, String name, String what, List<Slice> slices) {
        bench.add(new Benchmark(
                name,
                what + " The limit is a Vert.x Router with its BodyHandler, the same bodies decoded, and each write put"
                        + " into a Caffeine cache.",
                "writes",
                BARE,
                slices));
        bench.add(new Benchmark(
                name + ", beside what a journal leaves of the limit",
                "The same slices, divided by the same server that answers when as many bytes as the service's journal"
                        + " takes are forced to disk, one sync for whatever waits: what acknowledges by a journal can"
                        + " not do better on this machine.",
                "writes",
                BARE_JOURNAL,
                slices.stream()
                        .filter(slice -> !slice.side().equals("ack=memory"))
                        .toList()));
    }

    private static List<Side> sides(Site site, RunningTarget service, Map<String, RunningTarget> limits, Load load)
            throws InterruptedException {
        List<Side> sides = new ArrayList<>();
        for (Map.Entry<String, RunningTarget> limit : limits.entrySet()) {
            Worker client = site.client(limit.getValue(), PATH, load, false);
            sides.add(new Side(
                    limit.getKey(),
                    seconds -> client.go(seconds, 0),
                    Map.of("server", limit.getValue().pid(), "client", client.pid())));
        }
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
