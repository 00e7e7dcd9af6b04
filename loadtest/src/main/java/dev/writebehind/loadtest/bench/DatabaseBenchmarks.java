package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Site.Load;
import dev.writebehind.loadtest.bench.Slicer.Side;
import dev.writebehind.loadtest.bench.Slicer.Turns;
import dev.writebehind.loadtest.result.Benchmark;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Slice;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code ack=database} beside the one upsert that a direct write takes at the least. Not for concurrent use. */
final class DatabaseBenchmarks {
    private static final String DIRECT = "direct upsert";
    private static final String SERVICE = "ack=database";
    private static final String PATH = "/v1/completions?ack=database";
    private static final int KEYS = 20_000;
    private static final int MANY = 64;
    /** Of what the slower side can: at this rate both have time to spare. */
    private static final double CALM = 0.7;

    private DatabaseBenchmarks() {}

    /** Measures all; returns what the table held in the end. */
    static RowCheck run(Site site, Turns turns, Bench bench) throws InterruptedException, IOException, SQLException {
        Slicer slicer = new Slicer(site.databasePort(), turns, bench.progress());
        RunningTarget service = site.service("1g", Map.of());
        Pair many = new Pair(site, service, MANY);
        Pair one = new Pair(site, service, 1);
        Benchmark full = new Benchmark(
                "Acknowledged by the database, 64 connections",
                "64 connections, each with one write on its way. The limit: 64 connections to the database, and on each"
                        + " a prepared INSERT … ON DUPLICATE KEY UPDATE that is a transaction of its own.",
                "writes",
                DIRECT,
                slicer.interleave(many.sides(0)));
        bench.add(full);
        double rate = CALM * Math.min(full.median(DIRECT, Slice::perSecond), full.median(SERVICE, Slice::perSecond));
        bench.add(new Benchmark(
                "… at one rate",
                String.format(
                        Locale.ROOT,
                        "As above, but %,.0f writes/s on either side, %.0f %% of what the slower one can. Times count"
                                + " from when a write was due.",
                        rate,
                        CALM * 100),
                "writes",
                DIRECT,
                slicer.interleave(many.sides(rate))));
        bench.add(new Benchmark(
                "Acknowledged by the database, one connection",
                "One write after the other, nothing else going on.",
                "writes",
                DIRECT,
                slicer.interleave(one.sides(0))));
        service.awaitFlushed();
        return site.compareRows();
    }

    /** Both sides with so many connections. */
    private static final class Pair {
        private final RunningTarget service;
        private final Worker direct;
        private final Worker client;

        Pair(Site site, RunningTarget service, int connections) throws InterruptedException {
            this.service = service;
            this.direct = site.directClient(connections, KEYS);
            this.client = site.client(service, PATH, new Load(connections, 1, KEYS, 20), true);
        }

        List<Side> sides(double rate) {
            return List.of(
                    new Side(DIRECT, seconds -> direct.go(seconds, rate), Map.of("client", direct.pid())),
                    new Side(
                            SERVICE,
                            seconds -> client.go(seconds, rate),
                            Map.of("server", service.pid(), "client", client.pid())));
        }
    }
}
