package dev.writebehind.loadtest.baseline;

import static java.util.Objects.requireNonNull;

import dev.writebehind.config.DatabaseUri;
import dev.writebehind.loadtest.raw.Keyspace;
import dev.writebehind.loadtest.raw.Latencies;
import dev.writebehind.loadtest.raw.Orders;
import dev.writebehind.loadtest.raw.Orders.Worker;
import dev.writebehind.testing.DemoCourse.Block;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * The least that a single write to the database costs: one upsert, a transaction of its own, prepared beforehand, over
 * connections that each have one on its way. Obeys {@link Orders}; works on one event loop.
 */
@Command(name = "DirectUpsert")
public final class DirectUpsert implements Callable<Integer>, Worker {
    private static final double NANOS = 1e9;
    private static final String UPSERT = "INSERT INTO completion_blockcompletion"
            + " (user_id, course_key, block_key, block_type, completion, created, modified)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?)"
            + " ON DUPLICATE KEY UPDATE completion = VALUES(completion), modified = VALUES(modified)";

    @Option(names = "--database", required = true, converter = Value.Database.class)
    private @Nullable DatabaseUri database;

    @Option(names = "--connections", converter = Value.Positive.class)
    private int connections = 64;

    @Option(names = "--keys", converter = Value.Positive.class)
    private int keyCount = 20_000;

    @Option(names = "--blocks", converter = Value.Positive.class)
    private int blocks = 20;

    @Option(names = "--first-user", converter = Value.Positive.class)
    private int firstUser = Keyspace.FIRST_USER;

    @Option(names = "--outcomes", required = true)
    private Path outcomes = Path.of("");

    private final BaselineProcess process = new BaselineProcess();
    private final Deque<Lane> free = new ArrayDeque<>();
    private Keyspace keys = new Keyspace(0, 0, 1);

    private DirectUpsert() {}

    /** Obeys until its input ends. */
    public static void main(String[] args) {
        BaselineProcess.run(new DirectUpsert(), args);
    }

    /** One connection, and the keys that it alone writes. */
    private static final class Lane {
        private final PreparedQuery<RowSet<Row>> upsert;
        private final int from;
        private final int to;
        private int next;

        Lane(PreparedQuery<RowSet<Row>> upsert, int from, int to) {
            this.upsert = upsert;
            this.from = from;
            this.to = to;
            this.next = from;
        }

        int next() {
            int key = next;
            next = key + 1 == to ? from : key + 1;
            return key;
        }
    }

    @Override
    public Integer call() throws Exception {
        keys = new Keyspace(keyCount, firstUser, blocks);
        process.await(() -> Future.all(
                IntStream.range(0, connections).mapToObj(this::connect).toList()));
        Orders.obey(this);
        process.close();
        return ExitCode.OK;
    }

    private Future<Void> connect(int number) {
        DatabaseUri uri = requireNonNull(database);
        MySQLConnectOptions options = new MySQLConnectOptions()
                .setHost(uri.host())
                .setPort(uri.port())
                .setUser(uri.user())
                .setPassword(uri.password())
                .setDatabase(uri.schema())
                .setCharset("utf8mb4");
        int from = (int) ((long) keyCount * number / connections);
        int to = (int) ((long) keyCount * (number + 1) / connections);
        return MySQLConnection.connect(process.vertx(), options)
                .compose(connection -> connection
                        .query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
                        .execute()
                        .compose(set -> connection.prepare(UPSERT)))
                .onSuccess(prepared -> free.add(new Lane(prepared.query(), from, to)))
                .mapEmpty();
    }

    @Override
    public String go(double seconds, double rate) throws Exception {
        return process.await(() -> new Run(process.vertx(), seconds, rate).begin());
    }

    @Override
    public String all(double share) {
        throw new UnsupportedOperationException("it works by time alone");
    }

    @Override
    public void end() throws IOException {
        keys.writeOutcomes(outcomes);
    }

    /** The work of one order. Confined to its event loop. */
    private final class Run {
        private final Vertx vertx;
        private final double rate;
        private final long begin = System.nanoTime();
        private final long end;
        private final Latencies latencies = new Latencies();
        private final Promise<String> done = Promise.promise();
        private long sent;
        private int out;

        Run(Vertx vertx, double seconds, double rate) {
            this.vertx = vertx;
            this.rate = rate;
            this.end = begin + (long) (seconds * NANOS);
        }

        Future<String> begin() {
            tick();
            return done.future();
        }

        /** At a rate, looks each millisecond for what is due: the finest that timers here can. */
        private void tick() {
            pump();
            if (rate > 0 && due() < end && !done.future().isComplete()) {
                vertx.setTimer(1, again -> tick());
            }
        }

        private void pump() {
            long now = System.nanoTime();
            while (!free.isEmpty() && due() <= now && due() < end) {
                write(free.remove(), rate > 0 ? due() : now);
            }
            if (out == 0 && due() >= end) {
                done.tryComplete(latencies.json(latencies.count(), 0, (System.nanoTime() - begin) / NANOS));
            }
        }

        private long due() {
            return rate > 0 ? begin + (long) (sent * NANOS / rate) : System.nanoTime() < end ? begin : end;
        }

        private void write(Lane lane, long due) {
            sent++;
            out++;
            int key = lane.next();
            Block block = keys.block(key);
            LocalDateTime now = LocalDateTime.now(ZoneOffset.UTC);
            Tuple row = Tuple.tuple()
                    .addInteger(keys.user(key))
                    .addString(block.courseKey())
                    .addString(block.key())
                    .addString(block.type())
                    .addDouble(keys.next(key))
                    .addLocalDateTime(now)
                    .addLocalDateTime(now);
            lane.upsert
                    .execute(row)
                    .onSuccess(rows -> {
                        keys.answered(key, true);
                        latencies.add(System.nanoTime() - due);
                        out--;
                        free.add(lane);
                        pump();
                    })
                    .onFailure(done::tryFail);
        }
    }
}
