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
import java.io.IOException;
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
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The way of single writes from the bytes of their bodies to their acknowledgements, HTTP apart. Taken on an event
 * loop, as requests are; groups share one hand-over to it. For one thread.
 */
final class SingleWrites {
    static final int GROUP = 64;

    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(5);

    final KeyPool keys = new KeyPool();
    final CompletionBuffer buffer;

    private final WriteDecoder decoder = new WriteDecoder(keys, () -> 10_000);
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final Path directory;
    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final Waiting waiting;
    private final FileJournal journal;
    private final WriteBehind service;

    SingleWrites() throws Exception {
        directory = Files.createTempDirectory("single-writes");
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
    }

    /** Takes a group and waits until all are acknowledged; a body is done with when the next is asked for. */
    void take(Acknowledgement wanted, Supplier<byte[]> bodies) throws InterruptedException {
        acknowledged.set(0);
        CountDownLatch done = new CountDownLatch(GROUP);
        context.runOnContext(run -> {
            for (int i = 0; i < GROUP; i++) {
                take(wanted, bodies.get(), done);
            }
        });
        BenchmarkData.require(done.await(10, TimeUnit.SECONDS), "not all were answered");
        BenchmarkData.require(acknowledged.get() == GROUP, "not all were acknowledged");
    }

    private void take(Acknowledgement wanted, byte[] body, CountDownLatch done) {
        List<CompletionWrite> writes = decoder.decodeJson(body, body.length, false);
        service.take(writes, wanted).tell(waiting, outcome -> {
            if (outcome instanceof Acknowledged) {
                acknowledged.incrementAndGet();
            }
            done.countDown();
        });
    }

    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        journal.close();
        delete(directory);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
