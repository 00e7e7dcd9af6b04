package dev.writebehind.api;

import dev.writebehind.BenchmarkData;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.JournalSettings;
import dev.writebehind.core.Acknowledged;
import dev.writebehind.core.Waiting;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.journal.file.FileJournal;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
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
 * already, as with flushing paused. What other threads allocate for it counts too. Taken on an event loop, as requests
 * are; groups share one hand-over to it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SingleWriteBenchmark {
    private static final int KEYS = 20_000;
    private static final int PER_LEARNER = 20;
    private static final int GROUP = 64;
    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(5);

    private final KeyPool keys = new KeyPool();
    private final WriteDecoder decoder = new WriteDecoder(keys, () -> 10_000);
    private final byte[][] bodies = BenchmarkData.bodies(KEYS, PER_LEARNER);
    private final AtomicInteger acknowledged = new AtomicInteger();
    private Path directory = Path.of("");
    private Vertx vertx;
    private Context context;
    private Waiting waiting;
    private FileJournal journal;
    private CompletionBuffer buffer;
    private WriteBehind service;
    private int next;

    @Setup(Level.Trial)
    public void open() throws Exception {
        directory = Files.createTempDirectory("single-write-benchmark");
        vertx = Vertx.vertx();
        context = vertx.getOrCreateContext();
        CompletableFuture<Waiting> ofLoop = new CompletableFuture<>();
        context.runOnContext(run -> ofLoop.complete(Waiting.on(vertx)));
        waiting = ofLoop.get(10, TimeUnit.SECONDS);
        journal = FileJournal.open(
                JournalSettings.ofFiles(directory.resolve("journal"), ByteSize.ofMebibytes(8)),
                keys,
                new Conditions(Clock.systemUTC()));
        buffer = new CompletionBuffer(BenchmarkData::unbounded, new ReceiptClock(), journal);
        journal.replay(buffer::restore);
        service = WriteBehind.on(journal, buffer, () -> ACK_TIMEOUT);
        BenchmarkData.writes(keys, KEYS, PER_LEARNER, 0.5).forEach(write -> buffer.offer(List.of(write), null));
    }

    @TearDown(Level.Trial)
    public void close() throws Exception {
        BenchmarkData.require(buffer.pendingKeys() == KEYS, "another number of keys waits");
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        journal.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(GROUP)
    public int single_ackMemory() throws InterruptedException {
        return group(Acknowledgement.MEMORY);
    }

    @Benchmark
    @OperationsPerInvocation(GROUP)
    public int single_ackJournal() throws InterruptedException {
        return group(Acknowledgement.JOURNAL);
    }

    private int group(Acknowledgement wanted) throws InterruptedException {
        acknowledged.set(0);
        CountDownLatch done = new CountDownLatch(GROUP);
        context.runOnContext(run -> {
            for (int i = 0; i < GROUP; i++) {
                take(wanted, done);
            }
        });
        BenchmarkData.require(done.await(10, TimeUnit.SECONDS), "not all were answered");
        BenchmarkData.require(acknowledged.get() == GROUP, "not all were acknowledged");
        return next;
    }

    private void take(Acknowledgement wanted, CountDownLatch done) {
        next = (next + 1) % KEYS;
        List<CompletionWrite> writes = decoder.decodeJson(bodies[next], bodies[next].length, false);
        service.take(writes, wanted).tell(waiting, outcome -> {
            if (outcome instanceof Acknowledged) {
                acknowledged.incrementAndGet();
            }
            done.countDown();
        });
    }
}
