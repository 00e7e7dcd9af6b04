package dev.writebehind;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.DemoCourse;
import dev.writebehind.testing.DemoCourse.Block;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What the benchmarks work with: learners who go through the blocks of the demo course; stateless. */
public final class BenchmarkData {
    private static final List<Block> BLOCKS =
            DemoCourse.blocks().stream().filter(Block::reports).toList();
    private static final BufferSettings UNBOUNDED =
            new BufferSettings(10_000_000, ByteSize.ofMebibytes(10_000), Duration.ZERO);

    private BenchmarkData() {}

    /** Returns writes of as many distinct keys, so many of them of each learner before the next one's. */
    public static List<CompletionWrite> writes(KeyPool pool, int count, int perLearner, double completion) {
        List<CompletionWrite> writes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Block block = block(i % perLearner);
            CompletionKey key =
                    new CompletionKey(1 + i / perLearner, pool.course(block.courseKey()), pool.block(block.key()));
            writes.add(new CompletionWrite(key, completion));
        }
        return writes;
    }

    /** Returns each write as a request brings it. */
    public static List<List<CompletionWrite>> singly(List<CompletionWrite> writes) {
        return writes.stream().map(List::of).toList();
    }

    /** Returns the bodies of requests with a single write, of as many distinct keys. */
    public static byte[][] bodies(int count, int perLearner) {
        return IntStream.range(0, count)
                .mapToObj(i -> body(i, perLearner).getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
    }

    /** Returns the body of a request with that many writes. */
    public static byte[] array(int count, int perLearner) {
        return Bodies.array(IntStream.range(0, count).mapToObj(i -> body(i, perLearner)))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Returns bounds that no benchmark comes to, and nothing kept for reads; one object, as settings in force are. */
    public static BufferSettings unbounded() {
        return UNBOUNDED;
    }

    /** Throws where a benchmark has not done what it measures. */
    public static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static String body(int index, int perLearner) {
        return Bodies.write(
                1 + index / perLearner,
                block(index % perLearner).courseKey(),
                block(index % perLearner).key(),
                (index % 10) / 10.0);
    }

    private static Block block(int index) {
        return BLOCKS.get(index % BLOCKS.size());
    }
}
