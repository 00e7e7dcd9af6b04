package dev.writebehind.loadtest.raw;

import static java.util.Objects.requireNonNull;

import dev.writebehind.loadtest.peers.PeerKey;
import dev.writebehind.loadtest.peers.PeerWork;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The work that peers are given, for several connections: each has the writes of learners of its own, in their order,
 * so that the order of each key is known. Not for concurrent use.
 */
final class DrawnWrites implements Writes {
    private static final int AFTER_NUMBERS = 2; // the value begins with "0."

    private final PeerWork work;
    private final int[] order;
    private final int[] ends;
    private final Map<String, byte[]> middles = new HashMap<>();
    private final Map<PeerKey, Double> acknowledged = new HashMap<>();
    private final Map<PeerKey, Double> doubtful = new HashMap<>();

    DrawnWrites(PeerWork work, int connections) {
        this.work = work;
        this.order = IntStream.range(0, connections)
                .flatMap(connection ->
                        IntStream.range(0, work.size()).filter(write -> work.user(write) % connections == connection))
                .toArray();
        this.ends = new int[connections + 1];
        for (int write : order) {
            ends[work.user(write) % connections + 1]++;
        }
        Arrays.parallelPrefix(ends, Integer::sum);
        for (int write : order) {
            middles.computeIfAbsent(work.block(write).key(), key -> Keyspace.middle(work.block(write)));
        }
    }

    @Override
    public int size() {
        return order.length;
    }

    @Override
    public int first(int connection, int connections) {
        return ends[connection];
    }

    @Override
    public int length(int write) {
        return length(middle(write));
    }

    @Override
    public int longest() {
        return middles.values().stream().mapToInt(DrawnWrites::length).max().orElse(0);
    }

    @Override
    public void send(int write, ByteBuffer out) {
        out.put(Keyspace.BEGIN);
        Keyspace.digits(Keyspace.FIRST_USER + work.user(order[write]), Keyspace.USER_DIGITS, out);
        out.put(middle(write)).put((byte) '0').put((byte) '.');
        Keyspace.digits((int) Math.round(value(write) * Keyspace.VALUES), Keyspace.VALUE_DIGITS, out);
        out.put(Keyspace.END);
    }

    @Override
    public void answered(int write, boolean isAcknowledged) {
        if (isAcknowledged) {
            acknowledged.put(key(write), value(write));
            doubtful.remove(key(write));
        } else {
            doubtful.put(key(write), value(write));
        }
    }

    /** Of a key with several writes in doubt the last is told. */
    @Override
    public void writeOutcomes(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Map<PeerKey, Double> all = new HashMap<>(doubtful);
        all.putAll(acknowledged);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (PeerKey key : all.keySet()) {
                out.write(String.join(
                        "\t",
                        String.valueOf(key.user()),
                        key.course(),
                        key.block(),
                        text(acknowledged.get(key), "-"),
                        "",
                        text(doubtful.get(key), "") + "\n"));
            }
            out.write("end\t" + all.size() + "\n");
        }
    }

    private static String text(@Nullable Double value, String none) {
        return value == null ? none : value.toString();
    }

    private PeerKey key(int write) {
        return new PeerKey(
                Keyspace.FIRST_USER + work.user(order[write]),
                work.block(order[write]).courseKey(),
                work.block(order[write]).key());
    }

    private double value(int write) {
        return work.value(order[write]);
    }

    private byte[] middle(int write) {
        return requireNonNull(middles.get(work.block(order[write]).key()));
    }

    private static int length(byte[] middle) {
        return Keyspace.BEGIN.length
                + Keyspace.USER_DIGITS
                + middle.length
                + AFTER_NUMBERS
                + Keyspace.VALUE_DIGITS
                + Keyspace.END.length;
    }
}
