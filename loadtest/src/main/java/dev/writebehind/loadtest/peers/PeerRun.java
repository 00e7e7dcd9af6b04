package dev.writebehind.loadtest.peers;

import dev.writebehind.loadtest.comparison.CpuMeter;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One engine at the common work, in a process of its own, from its first write until the table is right; then the table
 * is compared with the work. Before that an engine of the same kind has done the same for other learners, again and
 * again for some seconds, so that the compiler's part is over. Two writers, each with the learners of its own, so that
 * the order of each key is known. Prints its figures as a line of JSON.
 */
@Command(name = "PeerRun")
public final class PeerRun implements Callable<Integer> {
    private static final int WRITERS = 2;
    private static final int WARM_UP_LEARNERS_FROM = 1_000_000_000;

    @Option(names = "--engine", required = true, description = "a class with a constructor from the database's URI")
    private String engineClass = "";

    @Option(names = "--database", required = true)
    private String database = "";

    @Option(names = "--writes")
    private int writes = 400_000;

    @Option(names = "--learners")
    private int learners = 20_000;

    @Option(names = "--warm-up", description = "seconds of the same work for other learners before")
    private int warmUp = 0;

    private PeerRun() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new PeerRun()).execute(args));
    }

    /** Returns the same address for JDBC. */
    public static String jdbc(String database) {
        URI uri = URI.create(database);
        String[] account = uri.getUserInfo().split(":", 2);
        return "jdbc:mariadb://" + uri.getHost() + ":" + uri.getPort() + uri.getPath() + "?user=" + account[0]
                + "&password=" + account[1]
                + "&allowPublicKeyRetrieval=true&useServerPrepStmts=false&connectionTimeZone=UTC";
    }

    @Override
    public Integer call() throws Exception {
        warmUp();
        PeerWork work = new PeerWork(writes, learners);
        OptionalLong server = CpuMeter.listenerOn(URI.create(database).getPort());
        Engine engine = engine();
        long self = ProcessHandle.current().pid();
        double cpu = CpuMeter.seconds(self);
        double serverCpu = server.isPresent() ? CpuMeter.seconds(server.getAsLong()) : 0;
        long begin = System.nanoTime();
        write(work, engine);
        double accepted = seconds(begin);
        engine.drain();
        double exact = seconds(begin);
        cpu = CpuMeter.seconds(self) - cpu;
        serverCpu = server.isPresent() ? CpuMeter.seconds(server.getAsLong()) - serverCpu : Double.NaN;
        Differences differences = compare(work.expected());
        System.out.printf(
                Locale.ROOT,
                "{\"acceptedPerSecond\":%.0f,\"exactAfter\":%.2f,\"rowsSent\":%d,\"statements\":%d,\"cpu\":%.2f,"
                        + "\"databaseCpu\":%.2f,\"keys\":%d,\"lost\":%d,\"wrong\":%d}%n",
                writes / accepted,
                exact,
                engine.rowsSent(),
                engine.statements(),
                cpu,
                serverCpu,
                differences.keys(),
                differences.lost(),
                differences.wrong());
        engine.close();
        return 0;
    }

    private void warmUp() throws Exception {
        if (warmUp > 0) {
            Engine engine = engine();
            PeerWork work = new PeerWork(writes, learners, WARM_UP_LEARNERS_FROM);
            long begin = System.nanoTime();
            while (seconds(begin) < warmUp) {
                write(work, engine);
            }
            engine.drain();
            engine.close();
        }
    }

    private Engine engine() throws ReflectiveOperationException {
        return Class.forName(engineClass)
                .asSubclass(Engine.class)
                .getConstructor(String.class)
                .newInstance(database);
    }

    private static void write(PeerWork work, Engine engine) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        List<Future<?>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            int own = writer;
            writers.add(threads.submit(() -> {
                for (int i = 0; i < work.size(); i++) {
                    if (work.user(i) % WRITERS == own) {
                        // Texts of their own, as from a request.
                        String course = String.valueOf(work.block(i).courseKey().toCharArray());
                        String block = String.valueOf(work.block(i).key().toCharArray());
                        engine.put(work.user(i), course, block, work.value(i));
                    }
                }
                engine.accepted();
                return null;
            }));
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        threads.shutdown();
    }

    private record Differences(int keys, int lost, int wrong) {}

    private Differences compare(Map<PeerKey, Double> expected) throws Exception {
        int keys = expected.size();
        int wrong = 0;
        try (Connection connection = DriverManager.getConnection(jdbc(database));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT user_id, course_key, block_key, completion FROM completion_blockcompletion"
                                + " WHERE user_id < " + WARM_UP_LEARNERS_FROM)) {
            while (rows.next()) {
                Double value = expected.remove(new PeerKey(rows.getInt(1), rows.getString(2), rows.getString(3)));
                if (value == null || value != rows.getDouble(4)) {
                    wrong++;
                }
            }
        }
        return new Differences(keys, expected.size(), wrong);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
