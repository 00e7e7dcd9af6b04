package dev.writebehind.api;

import static java.util.Objects.requireNonNull;

import dev.writebehind.BenchmarkData;
import dev.writebehind.config.Acknowledgement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A single write from the bytes of its body to its acknowledgement, HTTP apart: for each write. Its keys all wait
 * already, as with flushing paused. What other threads allocate for it counts too.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SingleWriteBenchmark {
    private static final int KEYS = 20_000;
    private static final int PER_LEARNER = 20;

    private final byte[][] bodies = BenchmarkData.bodies(KEYS, PER_LEARNER);
    private @Nullable SingleWrites writes;
    private int next;

    @Setup(Level.Trial)
    public void open() throws Exception {
        SingleWrites opened = new SingleWrites();
        BenchmarkData.writes(opened.keys, KEYS, PER_LEARNER, 0.5)
                .forEach(write -> opened.buffer.offer(List.of(write), null));
        writes = opened;
    }

    @TearDown(Level.Trial)
    public void close() throws Exception {
        BenchmarkData.require(requireNonNull(writes).buffer.pendingKeys() == KEYS, "another number of keys waits");
        writes.close();
    }

    @Benchmark
    @OperationsPerInvocation(SingleWrites.GROUP)
    public int single_ackMemory() throws InterruptedException {
        return group(Acknowledgement.MEMORY);
    }

    @Benchmark
    @OperationsPerInvocation(SingleWrites.GROUP)
    public int single_ackJournal() throws InterruptedException {
        return group(Acknowledgement.JOURNAL);
    }

    private int group(Acknowledgement wanted) throws InterruptedException {
        requireNonNull(writes).take(wanted, () -> {
            next = (next + 1) % KEYS;
            return bodies[next];
        });
        return next;
    }
}
