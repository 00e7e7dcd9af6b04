package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Site.Load;
import dev.writebehind.loadtest.bench.Worker.Done;
import dev.writebehind.loadtest.comparison.CpuMeter;
import dev.writebehind.loadtest.comparison.DatabaseServer;
import dev.writebehind.loadtest.comparison.Processes;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.comparison.RunFailedException;
import dev.writebehind.loadtest.result.CurvePoint;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.testing.DemoCourse;
import dev.writebehind.testing.DemoCourse.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The points of the curves, each with a service and a table of its own, warmed up before it counts. Not for concurrent
 * use.
 */
public final class Curve {
    private static final Pattern STATEMENTS =
            Pattern.compile("(?m)^writebehind_flush_statements_total(?:\\{.*})? (\\S+)$");
    private static final Pattern BYTES = Pattern.compile("(?m)^writebehind_pending_bytes(?:\\{.*})? (\\S+)$");
    private static final String JOURNAL = "/v1/completions?ack=journal";
    private static final String MEMORY = "/v1/completions?ack=memory";
    private static final int KEYS = 20_000;
    private static final int BLOCKS = 50;
    private static final int FLUSHED = 100_000;
    private static final int WARM_UP_KEYS = 50_000;
    /** Above these, what clients remember of each key would not fit beside the rows. */
    private static final int COMPARED = 2_000_000;

    private static final double PACE = 2_000;
    private static final String HEAP = "4g";
    /** For ten million keys, and half as much again. */
    private static final String LARGE_HEAP = "12g";

    private final Progress progress;

    public Curve(Progress progress) {
        this.progress = progress;
    }

    /**
     * What is to be measured.
     *
     * @param database a server's address; empty starts one
     * @param seconds of a point, where time and not work sets its end
     * @param most greatest value of each series
     */
    public record Plan(String database, List<CurveSeries> series, double seconds, double most) {
        public Plan {
            series = List.copyOf(series);
        }
    }

    /** Measures every point. */
    public List<CurvePoint> run(Plan plan, Path loadtest, Path files)
            throws InterruptedException, IOException, SQLException {
        Processes processes = Processes.built(loadtest);
        List<CurvePoint> points = new ArrayList<>();
        try (DatabaseServer server = DatabaseServer.open(plan.database(), files.resolve("mariadb"))) {
            progress.say(server.description());
            for (CurveSeries series : plan.series()) {
                for (double x : series.values(plan.most())) {
                    progress.begin(String.format(Locale.ROOT, "%s %,.0f", series.axis(), x));
                    try (Site site = Site.open(processes, server.uri(), files, "curve")) {
                        CurvePoint point = point(site, series, x, plan.seconds());
                        points.add(point);
                        progress.end(point.figures().toString(), point.rows().different() + " differ");
                        point.rows().examples().forEach(progress::say);
                    }
                }
            }
        }
        return points;
    }

    private static CurvePoint point(Site site, CurveSeries series, double x, double seconds)
            throws InterruptedException, IOException, SQLException {
        Map<String, Double> figures = new HashMap<>();
        RowCheck rows = switch (series) {
            case PENDING -> pileUp(site, (int) x, settings(), figures);
            case LANES -> pileUp(site, FLUSHED, with("WRITEBEHIND_FLUSH_LANES", x), figures);
            case TABLE -> {
                preload(site, (int) x);
                yield pileUp(site, FLUSHED, settings(), figures);
            }
            case CONNECTIONS -> send(site, new Load((int) x, 1, KEYS, BLOCKS), seconds, figures);
            case BODY -> send(site, new Load(16, (int) x, (int) (20 * Math.max(x, 1_000)), BLOCKS), seconds, figures);
            case INTERVAL -> paced(site, (int) x, seconds, figures);
        };
        return new CurvePoint(series.name(), x, figures, rows);
    }

    private static Map<String, String> settings() {
        return new HashMap<>(
                Map.of("WRITEBEHIND_BUFFER_MAX_PENDING", "20000000", "WRITEBEHIND_BUFFER_MAX_BYTES", "5GiB"));
    }

    private static Map<String, String> with(String variable, double value) {
        Map<String, String> settings = settings();
        settings.put(variable, String.format(Locale.ROOT, "%.0f", value));
        return settings;
    }

    /** Keys pile up and are let go. */
    private static RowCheck pileUp(Site site, int keys, Map<String, String> settings, Map<String, Double> figures)
            throws InterruptedException, IOException, SQLException {
        RunningTarget service = site.service(keys > COMPARED ? LARGE_HEAP : HEAP, settings);
        int before = site.schema().database().rows();
        Worker warmUp = site.client(service, MEMORY, new Load(8, 500, WARM_UP_KEYS, BLOCKS), keys <= COMPARED);
        warmUp.all();
        service.awaitFlushed();
        service.pause();
        Worker client = site.client(service, MEMORY, new Load(16, 1_000, keys, BLOCKS), keys <= COMPARED);
        Done taken = client.all();
        figures.put("writes accepted/s", taken.units() / taken.seconds());
        figures.put("bytes charged for each key", service.meter(BYTES) / keys);
        long begin = System.nanoTime();
        service.resume();
        service.awaitFlushed();
        figures.put("rows flushed/s", keys / ((System.nanoTime() - begin) / 1e9));
        return keys <= COMPARED && before == 0 ? site.compareRows() : count(site, before, keys);
    }

    /** All values are the first of their key. */
    private static RowCheck count(Site site, int before, int keys) {
        long right = Long.parseLong(site.schema()
                .database()
                .value("SELECT COUNT(*) FROM completion_blockcompletion"
                        + " WHERE completion = 0.0001 AND user_id > 999999"));
        long rows = site.schema().database().rows();
        // The two clients have learners in common where their rows are not compared.
        long different = Math.min(Math.abs(right - keys), Math.abs(right - keys - WARM_UP_KEYS))
                + Math.abs(rows - before - right);
        return new RowCheck(keys, 0, rows, different, List.of());
    }

    private static RowCheck send(Site site, Load load, double seconds, Map<String, Double> figures)
            throws InterruptedException, IOException, SQLException {
        RunningTarget service = site.service(HEAP, settings());
        Worker client = site.client(service, JOURNAL, load, true);
        client.go(seconds, 0);
        double cpu = CpuMeter.seconds(service.pid());
        Done done = client.go(seconds, 0);
        if (done.failed() > 0) {
            throw new RunFailedException(done.failed() + " requests were not acknowledged");
        }
        figures.put("writes accepted/s", done.units() / done.seconds());
        figures.put("p99, ms", done.p99());
        figures.put("µs of the service for each write", (CpuMeter.seconds(service.pid()) - cpu) * 1e6 / done.units());
        service.awaitFlushed();
        return site.compareRows();
    }

    /** At one rate, for some intervals at least; the threshold would begin a cycle before a long one is over. */
    private static RowCheck paced(Site site, int millis, double seconds, Map<String, Double> figures)
            throws InterruptedException, IOException, SQLException {
        Map<String, String> settings = settings();
        settings.put("WRITEBEHIND_FLUSH_INTERVAL", millis + "ms");
        settings.put("WRITEBEHIND_FLUSH_THRESHOLD", String.valueOf(KEYS + 1));
        RunningTarget service = site.service(HEAP, settings);
        Worker client = site.client(service, JOURNAL, new Load(64, 1, KEYS, BLOCKS), true);
        client.go(seconds, PACE);
        service.awaitFlushed();
        double statements = service.meter(STATEMENTS);
        long server = CpuMeter.listenerOn(site.databasePort()).orElse(-1);
        double cpu = CpuMeter.seconds(server);
        Done done = client.go(Math.max(seconds, 3 * millis / 1_000.0), PACE);
        service.awaitFlushed(); // what has come since the last cycle counts, too
        figures.put("statements for each write", (service.meter(STATEMENTS) - statements) / done.units());
        if (server > 0) {
            figures.put("µs of the database for each write", (CpuMeter.seconds(server) - cpu) * 1e6 / done.units());
        }
        return site.compareRows();
    }

    /** Rows of other learners of the same blocks. */
    private static void preload(Site site, int rows) {
        int users = Math.max(1, rows / BLOCKS);
        site.schema()
                .database()
                .execute(
                        "CREATE TABLE digit (d INT PRIMARY KEY)",
                        "INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)");
        for (int block = 0; block < BLOCKS; block++) {
            site.schema()
                    .database()
                    .execute(String.format(
                            Locale.ROOT,
                            "INSERT INTO completion_blockcompletion"
                                    + " (user_id, course_key, block_key, block_type, completion, created, modified)"
                                    + " SELECT n, '%s', '%s', '%s', 1, '2026-01-01', '2026-01-01' FROM (SELECT 1 + a.d"
                                    + " + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d AS n FROM"
                                    + " digit a, digit b, digit c, digit e, digit f, digit g) numbers WHERE n <= %d",
                            block(block).courseKey(),
                            block(block).key(),
                            block(block).type(),
                            users));
        }
        site.schema().database().execute("DROP TABLE digit", "ANALYZE TABLE completion_blockcompletion");
    }

    private static Block block(int number) {
        return DemoCourse.blocks().stream()
                .filter(Block::reports)
                .skip(number)
                .findFirst()
                .orElseThrow();
    }
}
