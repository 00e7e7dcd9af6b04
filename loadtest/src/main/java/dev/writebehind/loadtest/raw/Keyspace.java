package dev.writebehind.loadtest.raw;

import dev.writebehind.testing.DemoCourse;
import dev.writebehind.testing.DemoCourse.Block;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The keys that a client writes, the values that it sends, and what it was told of each: learners from a number on,
 * each with the same blocks of the demo course. A key's values count up. Not for concurrent use.
 */
public final class Keyspace implements Writes {
    /** User numbers have so many digits, so that all bodies have the same form. */
    public static final int FIRST_USER = 1_000_000;

    static final int VALUES = 10_000;
    static final int USER_DIGITS = 7;
    static final int VALUE_DIGITS = 4;
    static final byte[] BEGIN = ascii("{\"user_id\":");
    static final byte[] END = ascii("}");

    private final int firstUser;
    private final List<Block> blocks;
    private final byte[][] middles;
    private final int[] sent;
    private final int[] acknowledged;
    private final boolean[] doubtful;

    /**
     * Creates them.
     *
     * @param firstUser the first learner's number
     * @param blocksEach of how many blocks each learner reports
     */
    public Keyspace(int keys, int firstUser, int blocksEach) {
        this.firstUser = firstUser;
        this.blocks = DemoCourse.blocks().stream()
                .filter(Block::reports)
                .limit(blocksEach)
                .toList();
        this.middles = blocks.stream().map(Keyspace::middle).toArray(byte[][]::new);
        this.sent = new int[keys];
        this.acknowledged = new int[keys];
        this.doubtful = new boolean[keys];
    }

    /** Returns how many keys there are. */
    @Override
    public int size() {
        return sent.length;
    }

    /** Returns the length of a write of that key, in bytes. */
    @Override
    public int length(int key) {
        return BEGIN.length + USER_DIGITS + middles[key % blocks.size()].length + 2 + VALUE_DIGITS + END.length;
    }

    @Override
    public int longest() {
        return IntStream.range(0, blocks.size()).map(this::length).max().orElse(0);
    }

    @Override
    public int first(int connection, int connections) {
        return (int) ((long) size() * connection / connections);
    }

    /** Appends the next write of that key, as JSON. */
    @Override
    public void send(int key, ByteBuffer out) {
        int value = ++sent[key] % VALUES;
        out.put(BEGIN);
        digits(user(key), USER_DIGITS, out);
        out.put(middles[key % blocks.size()]).put((byte) '0').put((byte) '.');
        digits(value, VALUE_DIGITS, out);
        out.put(END);
    }

    /** Returns the next value of that key, which somebody is about to send otherwise. */
    public double next(int key) {
        return value(++sent[key]);
    }

    /** Notes whether the last write that was sent of that key is acknowledged. */
    @Override
    public void answered(int key, boolean isAcknowledged) {
        if (isAcknowledged) {
            acknowledged[key] = sent[key];
            doubtful[key] = false;
        } else {
            doubtful[key] = true;
        }
    }

    /** Returns the learner. */
    public int user(int key) {
        return firstUser + key / blocks.size();
    }

    /** Returns the block. */
    public Block block(int key) {
        return blocks.get(key % blocks.size());
    }

    /** Writes what the table must hold, in the form of the scenarios' outcomes. */
    @Override
    public void writeOutcomes(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        long lines = 0;
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int key = 0; key < sent.length; key++) {
                if (sent[key] > 0) {
                    out.write(line(key));
                    lines++;
                }
            }
            out.write("end\t" + lines + "\n");
        }
    }

    private String line(int key) {
        String doubted = doubtful[key] ? String.valueOf(value(sent[key])) : "";
        String known = acknowledged[key] == 0 ? "-" : String.valueOf(value(acknowledged[key]));
        return String.join(
                "\t",
                String.valueOf(user(key)),
                block(key).courseKey(),
                block(key).key(),
                known,
                "",
                doubted + "\n");
    }

    private static double value(int number) {
        return (number % VALUES) / (double) VALUES;
    }

    static byte[] middle(Block block) {
        return ascii(String.format(
                Locale.ROOT,
                ",\"course_key\":\"%s\",\"block_key\":\"%s\",\"completion\":",
                block.courseKey(),
                block.key()));
    }

    static void digits(int number, int count, ByteBuffer out) {
        int at = out.position();
        int left = number;
        for (int i = count - 1; i >= 0; i--) {
            out.put(at + i, (byte) ('0' + left % 10));
            left /= 10;
        }
        out.position(at + count);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
