package dev.writebehind.api;

import dev.writebehind.BenchmarkData;
import dev.writebehind.JournaledBuffer;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.core.Acknowledged;
import dev.writebehind.core.Waiting;
import dev.writebehind.core.WriteBehind;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

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
    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final Waiting waiting;
    private final JournaledBuffer journaled;
    private final WriteBehind service;

    SingleWrites() throws Exception {
        CompletableFuture<Waiting> ofLoop = new CompletableFuture<>();
        context.runOnContext(run -> ofLoop.complete(Waiting.on(vertx)));
        waiting = ofLoop.get(10, TimeUnit.SECONDS);
        journaled = JournaledBuffer.open(keys);
        buffer = journaled.buffer();
        service = WriteBehind.on(journaled.journal(), buffer, () -> ACK_TIMEOUT);
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
        journaled.delete();
    }
}
