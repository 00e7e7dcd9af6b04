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
 * Single steps of a key on its way through the buffer, ten thousand keys a call: for each key. The set-up of each call
 * counts in what JMH tells of memory, so that only times are of use. Confined to JMH's thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BufferStepsBenchmark {
    private static final int KEYS = 10_000;
    private static final int PER_LEARNER = 20;

    private final KeyPool keys = new KeyPool();
    private final List<List<CompletionWrite>> writes =
            BenchmarkData.singly(BenchmarkData.writes(keys, KEYS, PER_LEARNER, 0.5));
    private CompletionBuffer empty = buffer();
    private CompletionBuffer full = buffer();

    @Setup(Level.Invocation)
    public void fill() {
        empty = buffer();
        full = buffer();
        offer(full, writes);
    }

    /** A write of a key that does not wait yet. */
    @Benchmark
    @OperationsPerInvocation(KEYS)
    public long fold_newKey() {
        return offer(empty, writes);
    }

    @Benchmark
    @OperationsPerInvocation(KEYS)
    public Drained drain() {
        return drain(full);
    }

    /** A drain, and what follows once the rows are in the table. */
    @Benchmark
    @OperationsPerInvocation(KEYS)
    public Drained drain_andSettle() {
        Drained drained = drain(full);
        full.settle(drained.writes());
        BenchmarkData.require(full.pendingKeys() == 0, "keys still wait");
        return drained;
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

    private static Drained drain(CompletionBuffer buffer) {
        Drained drained = buffer.drain();
        BenchmarkData.require(drained.writes().size() == KEYS, "another number of keys was drained");
        return drained;
    }
}
