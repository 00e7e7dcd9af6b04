package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The clock that stamps writes with their time of receipt: strictly increasing microseconds since the epoch, whatever
 * the wall clock does. Safe for any thread.
 */
public final class ReceiptClock {
    /** How far the clocks of two machines that write the same table may be apart. */
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    private final LongSupplier wallClockMicros;
    private final AtomicLong last = new AtomicLong();

    /** Creates a clock that follows the system's wall clock. */
    public ReceiptClock() {
        this(ReceiptClock::systemMicros);
    }

    private static long systemMicros() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }

    /** Creates a clock that follows the given one, in microseconds since the epoch; for tests. */
    public ReceiptClock(LongSupplier wallClockMicros) {
        this.wallClockMicros = requireNonNull(wallClockMicros, "wallClockMicros");
    }

    /**
     * Returns the time, a minute from now, after which no row can have been modified whose writer's clock was right;
     * microseconds since the epoch.
     */
    public long horizon() {
        return Math.max(wallClockMicros.getAsLong(), last.get()) + TOLERANCE.toNanos() / 1_000;
    }

    /** Makes every later stamp greater than that one, which an earlier process handed out. */
    public void continueAfter(long stamp) {
        last.accumulateAndGet(stamp, Math::max);
    }

    /** Returns the first of {@code count} consecutive stamps, all later than every stamp handed out before. */
    public long reserve(int count) {
        long now = wallClockMicros.getAsLong();
        long end = last.accumulateAndGet(now, (previous, wall) -> Math.max(previous, wall - 1) + count);
        return end - count + 1;
    }
}
