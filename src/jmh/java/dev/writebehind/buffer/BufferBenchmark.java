package dev.writebehind.buffer;

import dev.writebehind.BenchmarkData;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Writes into the buffer, and keys through it: for each. Nothing is written down, and nothing kept for reads. Confined
 * to JMH's thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BufferBenchmark {
    private static final int KEYS = 10_000;
    private static final int PER_LEARNER = 20;

    private final KeyPool keys = new KeyPool();
    private final List<List<CompletionWrite>> first =
            BenchmarkData.singly(BenchmarkData.writes(keys, KEYS, PER_LEARNER, 0.5));
    private final List<List<CompletionWrite>> second =
            BenchmarkData.singly(BenchmarkData.writes(keys, KEYS, PER_LEARNER, 1.0));
    private final CompletionBuffer hot = buffer();
    private final CompletionBuffer passed = buffer();
    private boolean odd;

    /** The keys of the one buffer wait already; writes change their values again and again. */
    @Setup(Level.Trial)
    public void fill() {
        offer(hot, second);
    }

    /** A write of a key that waits already. */
    @Benchmark
    @OperationsPerInvocation(KEYS)
    public long fold_hotKey() {
        odd = !odd;
        return offer(hot, odd ? first : second);
    }

    /** A write of a key that does not wait yet, its drain, and what follows once its row is in the table. */
    @Benchmark
    @OperationsPerInvocation(KEYS)
    public long key_inAndOut() {
        offer(passed, first);
        Drained drained = passed.drain();
        BenchmarkData.require(drained.writes().size() == KEYS, "another number of keys was drained");
        passed.settle(drained.writes());
        BenchmarkData.require(passed.pendingKeys() == 0, "keys still wait");
        return passed.coalesced();
    }

    private static CompletionBuffer buffer() {
        return new CompletionBuffer(BenchmarkData::unbounded, new ReceiptClock(), ChangeLog.DURABLE_BEFORE);
    }

    private static long offer(CompletionBuffer buffer, List<List<CompletionWrite>> writes) {
        for (List<CompletionWrite> write : writes) {
            BenchmarkData.require(buffer.offer(write, null), "a write was not taken");
        }
        BenchmarkData.require(buffer.pendingKeys() == KEYS, "another number of keys waits");
        return buffer.pendingKeys();
    }
}
