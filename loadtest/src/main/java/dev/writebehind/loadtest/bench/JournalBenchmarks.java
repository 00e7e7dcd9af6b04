package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Slicer.Side;
import dev.writebehind.loadtest.bench.Slicer.Turns;
import dev.writebehind.loadtest.result.Benchmark;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The journal beside a file that the same bytes are appended to. Not for concurrent use. */
final class JournalBenchmarks {
    private static final String BARE = "bare journal";
    private static final List<Integer> IN_FLIGHT = List.of(64, 1_024);

    private JournalBenchmarks() {}

    static void run(Site site, Turns turns, Bench bench) throws InterruptedException, IOException {
        Slicer slicer = new Slicer(site.databasePort(), turns, bench.progress());
        for (int inFlight : IN_FLIGHT) {
            String count = String.valueOf(inFlight);
            String bareDir = site.directory("bare-journal").resolve("journal").toString();
            String ownDir = site.directory("journal").resolve("journal").toString();
            Worker bare = site.worker("JournalAppend", "--bare", "--in-flight", count, "--dir", bareDir);
            Worker ours = site.worker("JournalAppend", "--in-flight", count, "--dir", ownDir);
            bench.add(new Benchmark(
                    "Journal, " + count + " writes on their way",
                    "In one process, without HTTP and table: writes are taken, folded into the buffer, journalled and"
                            + " acknowledged on an event loop. The limit: as many bytes appended to a file, one sync"
                            + " for whatever waits.",
                    "writes",
                    BARE,
                    slicer.interleave(List.of(
                            new Side(BARE, time -> bare.go(time, 0), Map.of("server", bare.pid())),
                            new Side("journal", time -> ours.go(time, 0), Map.of("server", ours.pid()))))));
        }
    }
}
