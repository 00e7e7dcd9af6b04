package dev.writebehind.api;

import dev.writebehind.BenchmarkData;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Bodies to writes, their keys known to the pool: for each body. Confined to JMH's thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecodeBenchmark {
    private static final int BODIES = 1_000;
    private static final int ARRAY = 100;
    private static final int PER_LEARNER = 50;

    private final KeyPool keys = new KeyPool();
    private final WriteDecoder decoder = new WriteDecoder(keys, () -> 10_000);
    private final byte[][] singles = BenchmarkData.bodies(BODIES, PER_LEARNER);
    private final byte[] array = BenchmarkData.array(ARRAY, PER_LEARNER);
    /** As the buffer does, it keeps the keys alive that the pool holds weakly. */
    private final List<CompletionWrite> held = BenchmarkData.writes(keys, BODIES, PER_LEARNER, 1.0);

    private int next;

    @Benchmark
    public List<CompletionWrite> decode_single() {
        next = (next + 1) % BODIES;
        List<CompletionWrite> writes = decoder.decodeJson(singles[next], singles[next].length, false);
        BenchmarkData.require(
                writes.size() == 1 && writes.get(0).key().equals(held.get(next).key()), "decoded another write");
        return writes;
    }

    @Benchmark
    public List<CompletionWrite> decode_arrayOf100() {
        List<CompletionWrite> writes = decoder.decodeJson(array, array.length, false);
        BenchmarkData.require(writes.size() == ARRAY, "decoded another number of writes");
        return writes;
    }
}
