package dev.writebehind.loadtest.raw;

import dev.writebehind.loadtest.peers.PeerWork;
import dev.writebehind.loadtest.raw.Orders.Worker;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The client that costs little: one thread, requests put together byte by byte, answers read just so far. It does what
 * {@link Orders} says and remembers what it was told of each key. Its thread is the main one.
 */
@Command(name = "RawClient")
public final class RawClient implements Callable<Integer>, Worker {
    private static final long NAP_NANOS = 100_000;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);
    private static final double NANOS = 1e9;

    @Option(names = "--port", required = true)
    private int port;

    @Option(names = "--path", required = true)
    private String path = "";

    @Option(names = "--connections")
    private int connections = 64;

    @Option(names = "--array")
    private int array = 1;

    @Option(names = "--keys")
    private int keyCount = 20_000;

    @Option(names = "--blocks")
    private int blocks = 20;

    @Option(names = "--first-user")
    private int firstUser = Keyspace.FIRST_USER;

    @Option(
            names = "--drawn",
            description = "so many writes of learners, drawn as peers' work is, instead of keys in turn")
    private int drawn;

    @Option(names = "--learners")
    private int learners = 20_000;

    @Option(names = "--outcomes", required = true)
    private Path outcomes = Path.of("");

    private Writes writes = new Keyspace(0, 0, 1);
    private final List<RawConnection> all = new ArrayList<>();
    private final Selector selector = Selector.open();
    private final Deque<RawConnection> free = new ArrayDeque<>();
    private Latencies latencies = new Latencies();
    private long units;
    private long failed;

    private RawClient() throws IOException {}

    /** Obeys until its input ends. */
    public static void main(String[] args) throws IOException {
        System.exit(new CommandLine(new RawClient()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        writes = drawn > 0
                ? new DrawnWrites(new PeerWork(drawn, learners), connections)
                : new Keyspace(keyCount, firstUser, blocks);
        for (int i = 0; i < connections; i++) {
            int from = writes.first(i, connections);
            int to = writes.first(i + 1, connections);
            all.add(new RawConnection(selector, port, path, writes, from, to, array));
        }
        Orders.obey(this);
        return 0;
    }

    @Override
    public String go(double seconds, double rate) throws IOException {
        return rate > 0 ? paced(seconds, rate) : closed(begin() + (long) (seconds * NANOS), false);
    }

    @Override
    public String all(double share) throws IOException {
        all.forEach(connection -> connection.rewind(share));
        return closed(begin() + Long.MAX_VALUE / 2, true);
    }

    @Override
    public void end() throws IOException {
        writes.writeOutcomes(outcomes);
    }

    private long begin() throws IOException {
        for (RawConnection connection : all) {
            connection.reconnect(selector);
        }
        latencies = new Latencies();
        units = 0;
        failed = 0;
        return System.nanoTime();
    }

    private String closed(long end, boolean once) throws IOException {
        long begin = System.nanoTime();
        int out = 0;
        for (RawConnection connection : all) {
            connection.send(System.nanoTime());
            out++;
        }
        while (out > 0) {
            select(PATIENCE);
            for (Iterator<SelectionKey> ready = selector.selectedKeys().iterator(); ready.hasNext(); ready.remove()) {
                RawConnection connection = ready(ready);
                if (connection == null) {
                    continue;
                }
                long now = System.nanoTime();
                if (now < end && !(once && connection.isAtEnd())) {
                    connection.send(now);
                } else {
                    out--;
                }
            }
        }
        return latencies.json(units, failed, (System.nanoTime() - begin) / NANOS);
    }

    /** Requests are due at set times; one that finds no connection free waits, and that counts. */
    private String paced(double seconds, double rate) throws IOException {
        long begin = begin();
        long count = Math.max(1, (long) (seconds * rate));
        long sent = 0;
        free.clear();
        free.addAll(all);
        while (sent < count || free.size() < all.size()) {
            long now = System.nanoTime();
            long due = begin + (long) (sent * NANOS / rate);
            while (sent < count && due <= now && !free.isEmpty()) {
                free.poll().send(due);
                sent++;
                due = begin + (long) (sent * NANOS / rate);
            }
            select(sent < count && !free.isEmpty() ? Math.max(0, due - now) : PATIENCE);
            for (Iterator<SelectionKey> ready = selector.selectedKeys().iterator(); ready.hasNext(); ready.remove()) {
                RawConnection connection = ready(ready);
                if (connection != null) {
                    free.add(connection);
                }
            }
        }
        return latencies.json(units, failed, (System.nanoTime() - begin) / NANOS);
    }

    /** Returns the connection if its answer is whole, else null. */
    private @Nullable RawConnection ready(Iterator<SelectionKey> ready) throws IOException {
        SelectionKey key = ready.next();
        RawConnection connection = (RawConnection) key.attachment();
        if (key.isWritable()) {
            connection.write();
        }
        int status = key.isReadable() ? connection.read() : 0;
        if (status == 0) {
            return null;
        }
        boolean acknowledged = status == 200 || status == 202;
        int answered = connection.answered(acknowledged);
        if (acknowledged) {
            units += answered;
            latencies.add(System.nanoTime() - connection.since());
        } else {
            failed++;
        }
        return connection;
    }

    /** Of less than the selector's millisecond, a nap: who looks at the clock all the time takes a core from others. */
    private void select(long nanos) throws IOException {
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        if (millis == 0 && nanos > 0) {
            LockSupport.parkNanos(Math.min(nanos, NAP_NANOS));
        }
        int ready = millis > 0 ? selector.select(millis) : selector.selectNow();
        if (ready == 0 && nanos == PATIENCE) {
            throw new IOException("no answer for " + TimeUnit.NANOSECONDS.toSeconds(PATIENCE) + " s");
        }
    }
}
