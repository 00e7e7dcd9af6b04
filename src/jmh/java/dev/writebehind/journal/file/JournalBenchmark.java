package dev.writebehind.journal.file;

import dev.writebehind.BenchmarkData;
import dev.writebehind.JournaledBuffer;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import java.io.IOException;
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
import org.openjdk.jmh.annotations.TearDown;

/**
 * Writes folded into the buffer and made durable in the journal, so many at a time: for each write. Its time is the
 * disk's more than ours; what counts is what it allocates. The keys all wait already. Used by JMH's thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JournalBenchmark {
    private static final int KEYS = 20_000;
    private static final int GROUP = 64;

    private final KeyPool keys = new KeyPool();
    private final List<List<CompletionWrite>> writes = BenchmarkData.singly(BenchmarkData.writes(keys, KEYS, 20, 1.0));
    private JournaledBuffer journaled;
    private FileJournal journal;
    private CompletionBuffer buffer;
    private int next;

    @Setup(Level.Trial)
    public void open() throws IOException {
        journaled = JournaledBuffer.open(keys);
        journal = journaled.journal();
        buffer = journaled.buffer();
        writes.forEach(write -> buffer.offer(write, null));
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        BenchmarkData.require(journal.state().isHealthy(), "the journal is not healthy");
        BenchmarkData.require(buffer.pendingKeys() == KEYS, "another number of keys waits");
        journaled.delete();
    }

    @Benchmark
    @OperationsPerInvocation(GROUP)
    public int journal_groupOf64() throws Exception {
        for (int i = 0; i < GROUP; i++) {
            next = (next + 1) % KEYS;
            BenchmarkData.require(
                    journal.hasRoom(1) && buffer.offerRecorded(writes.get(next), null), "a write was not taken");
        }
        journal.sync().toCompletableFuture().get(10, TimeUnit.SECONDS);
        return next;
    }
}
