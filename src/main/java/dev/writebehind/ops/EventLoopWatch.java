package dev.writebehind.ops;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * The watch for event loops that stand still: each notes the time once a second, and one that has not for long can't
 * answer its connections either. Safe for any thread.
 */
public final class EventLoopWatch {
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final LongSupplier nanoTime;
    private final Duration limit;
    private final Duration period;
    private final AtomicLongArray lastSeen;
    private volatile LongConsumer observer = nanos -> {};

    private EventLoopWatch(int loops, LongSupplier nanoTime, Duration period, Duration limit) {
        this.nanoTime = nanoTime;
        this.period = period;
        this.limit = limit;
        this.lastSeen = new AtomicLongArray(loops);
        for (int i = 0; i < loops; i++) {
            lastSeen.set(i, nanoTime.getAsLong());
        }
    }

    /** Watches every event loop, until they are closed. */
    public static EventLoopWatch on(Vertx vertx) {
        return on(vertx, System::nanoTime, PERIOD, LIMIT);
    }

    static EventLoopWatch on(Vertx vertx, LongSupplier nanoTime, Duration period, Duration limit) {
        List<EventExecutor> loops = new ArrayList<>();
        ((VertxInternal) vertx).nettyEventLoopGroup().forEach(loops::add);
        EventLoopWatch watch = new EventLoopWatch(loops.size(), nanoTime, period, limit);
        for (int i = 0; i < loops.size(); i++) {
            int loop = i;
            // Ends with the event loop.
            ScheduledFuture<?> unused = loops.get(i)
                    .scheduleWithFixedDelay(() -> watch.see(loop), 0, period.toMillis(), TimeUnit.MILLISECONDS);
        }
        return watch;
    }

    /** Has it told how late each loop comes to its look at the time, nanoseconds, on that loop. */
    void observeLateness(LongConsumer told) {
        observer = told;
    }

    private void see(int loop) {
        long now = nanoTime.getAsLong();
        observer.accept(Math.max(0, now - lastSeen.getAndSet(loop, now) - period.toNanos()));
    }

    /** Returns for how long the event loop that has been silent longest has been; zero: all are well. */
    Duration longestStall() {
        long now = nanoTime.getAsLong();
        long longest = 0;
        for (int i = 0; i < lastSeen.length(); i++) {
            longest = Math.max(longest, now - lastSeen.get(i));
        }
        Duration silent = Duration.ofNanos(longest);
        return silent.compareTo(limit) > 0 ? silent : Duration.ZERO;
    }
}
