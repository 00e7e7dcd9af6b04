package dev.writebehind.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class BlockedLoopsTest {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final BlockedLoops loops = new BlockedLoops();
    private final Vertx vertx = Vertx.vertx(new VertxOptions()
            .setBlockedThreadCheckInterval(20)
            .setMaxEventLoopExecuteTime(200)
            .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS));

    @BeforeEach
    void listen() {
        loops.start();
        root.addAppender(loops);
    }

    @AfterEach
    void close() {
        root.detachAppender(loops);
        Futures.await(vertx.close());
    }

    @Test
    void loop_thatWaits_isAtFault() {
        CountDownLatch enough = new CountDownLatch(1);
        vertx.runOnContext(call -> waitFor(enough));
        await().until(() -> !loops.faults().isEmpty());
        enough.countDown();
        assertThat(loops.faults().get(0)).contains("has been blocked for", "CountDownLatch.await");
    }

    @Test
    void loop_thatWaitsForALockWhoseOwnerWaits_isAtFault() throws InterruptedException {
        ReentrantLock lock = new ReentrantLock();
        CountDownLatch enough = new CountDownLatch(1);
        Thread owner = new Thread(() -> {
            lock.lock();
            try {
                waitFor(enough);
            } finally {
                lock.unlock();
            }
        });
        owner.start();
        await().until(lock::isLocked);
        vertx.runOnContext(call -> {
            lock.lock();
            try {
                enough.countDown();
            } finally {
                lock.unlock();
            }
        });
        await().until(() -> !loops.faults().isEmpty());
        enough.countDown();
        owner.join();
        assertThat(loops.faults().get(0)).contains("has been blocked for", "ReentrantLock.lock");
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void loop_thatComputes_isAtFault() {
        AtomicBoolean isEnough = new AtomicBoolean();
        vertx.runOnContext(call -> {
            while (!isEnough.get()) {
                Thread.onSpinWait();
            }
        });
        await().until(() -> !loops.faults().isEmpty());
        isEnough.set(true);
        assertThat(loops.faults().get(0)).contains("has been blocked for", "loop_thatComputes");
    }

    /** What it looks like where it wants to go on and may not. */
    @Test
    void loop_inTheMiddleOfItsWork_doesNotWait() {
        StackTraceElement[] where = {new StackTraceElement("java.util.HashMap", "get", "HashMap.java", 1)};
        assertThat(BlockedLoops.waits(Thread.State.RUNNABLE, where)).isFalse();
        assertThat(BlockedLoops.waits(Thread.State.BLOCKED, where)).isTrue();
        StackTraceElement[] socket = {new StackTraceElement("sun.nio.ch.Net", "poll", "Net.java", -2)};
        assertThat(BlockedLoops.waits(Thread.State.RUNNABLE, socket)).isTrue();
    }
}
