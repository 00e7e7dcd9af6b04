package dev.writebehind.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Futures;
import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopWatchTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final AtomicLong nanos = new AtomicLong(-5);
    private final CountDownLatch blocking = new CountDownLatch(1);
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));
    private final EventLoopWatch watch = EventLoopWatch.on(vertx, nanos::get, Duration.ofMillis(5), LIMIT);

    @AfterEach
    void close() {
        blocking.countDown();
        Futures.await(vertx.close());
    }

    @Test
    void longestStall_isThatOfTheLoopThatStandsStill_untilItGoesOn() throws Exception {
        EventLoop loop = ((VertxInternal) vertx).nettyEventLoopGroup().next();
        CountDownLatch blocked = new CountDownLatch(1);
        loop.execute(() -> {
            blocked.countDown();
            try {
                blocking.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        blocked.await();

        nanos.addAndGet(LIMIT.toNanos());
        assertThat(watch.longestStall()).isZero();
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(watch.longestStall()).isBetween(LIMIT, LIMIT.plusSeconds(2));

        blocking.countDown();
        await().untilAsserted(() -> assertThat(watch.longestStall()).isZero());
    }

    @Test
    void longestStall_afterAllStoodStill_isOverWithTheirNextTurn() {
        nanos.addAndGet(Duration.ofHours(1).toNanos());

        await().untilAsserted(() -> assertThat(watch.longestStall()).isZero());
    }
}
