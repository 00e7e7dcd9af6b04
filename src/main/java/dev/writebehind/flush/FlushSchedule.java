package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.config.FlushSettings;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The schedule of cycles, and of groups of changes that somebody waits for: one at a time, {@code flush.interval} from
 * the beginning of one cycle to that of the next, at once when somebody asks for it, and after a failure behind a pause
 * that grows. Confined to the flusher's context.
 */
final class FlushSchedule {
    private final Supplier<FlushSettings> settings;
    private final Backoff backoff;
    private final Timers timers;
    private final LongSupplier nanos;
    private final Runnable cycle;
    private final Runnable group;
    private State state = new Stopped();

    /** Creates it stopped; it runs {@code cycle} and {@code group}, each of which has to end by one of its methods. */
    FlushSchedule(
            Supplier<FlushSettings> settings,
            DoubleSupplier random,
            Timers timers,
            LongSupplier nanos,
            Runnable cycle,
            Runnable group) {
        this.settings = settings;
        this.backoff = new Backoff(settings, random);
        this.timers = timers;
        this.nanos = nanos;
        this.cycle = requireNonNull(cycle, "cycle");
        this.group = requireNonNull(group, "group");
    }

    /** The timers that run tasks later, on the flusher's context. */
    interface Timers {
        /** Returns a number to cancel it by. */
        long set(long millis, Runnable task);

        void cancel(long number);
    }

    private sealed interface State {}

    /**
     * The state in which a timer will start the next cycle.
     *
     * @param end when, nanoseconds
     * @param since when the interval began, or the failure was, that it waits after
     * @param backingOff not before, unless somebody asks for it
     */
    private record Waiting(long timer, long end, long since, boolean backingOff) implements State {}

    /** A cycle that has been under way since then; {@code again}: the next follows at once. */
    private record Flushing(long since, boolean again) implements State {}

    /**
     * A group that is under way.
     *
     * @param since when the interval began, at the end of which the next cycle begins
     * @param again whether it begins at once
     */
    private record Grouping(long since, boolean again) implements State {}

    private record Stopped() implements State {}

    /** Has the first cycle begin after an interval. */
    void start() {
        waitFor(interval(), nanos.getAsLong(), false);
    }

    /** The settings have changed: what it waits for may be over, or take longer. */
    void reconsider() {
        if (state instanceof Waiting waiting) {
            timers.cancel(waiting.timer());
            Duration pause = waiting.backingOff() ? shortened(waiting) : interval();
            waitFor(pause, waiting.since(), waiting.backingOff());
        }
    }

    /** Begins no cycle any more. */
    void stop() {
        if (state instanceof Waiting waiting) {
            timers.cancel(waiting.timer());
        }
        state = new Stopped();
    }

    boolean isStopped() {
        return state instanceof Stopped;
    }

    boolean isFlushing() {
        return state instanceof Flushing || state instanceof Grouping;
    }

    private boolean isBackingOff() {
        return state instanceof Waiting waiting && waiting.backingOff();
    }

    /** Begins a cycle, or has one follow that which is under way. */
    void now() {
        if (state instanceof Waiting waiting) {
            timers.cancel(waiting.timer());
            begin();
        } else if (state instanceof Flushing flushing) {
            state = new Flushing(flushing.since(), true);
        } else if (state instanceof Grouping grouping) {
            state = new Grouping(grouping.since(), true);
        }
    }

    /** Begins a group, unless it waits after a failure, or whatever is under way will have to look for one. */
    void onAwaited() {
        if (state instanceof Waiting waiting && !waiting.backingOff()) {
            timers.cancel(waiting.timer());
            beginGroup(waiting.since(), false);
        }
    }

    /** As {@link #now}, unless it waits after a failure: that enough is pending does not mend anything. */
    void onThreshold() {
        if (!isBackingOff()) {
            now();
        }
    }

    /**
     * The cycle or group went well: the next cycle begins at once where {@code more} or where that was asked for
     * meanwhile; cycles and groups take turns.
     *
     * @param isAwaited whether there is a group to flush
     */
    void succeeded(boolean more, boolean isAwaited) {
        backoff.reset();
        if (state instanceof Grouping group) {
            boolean isDue = nanos.getAsLong() - group.since() >= interval().toNanos();
            proceed(more || group.again() || isDue, isAwaited, group.since());
        } else if (state instanceof Flushing flushing) {
            boolean again = more || flushing.again();
            if (isAwaited) {
                beginGroup(flushing.since(), again);
            } else {
                proceed(again, false, flushing.since());
            }
        }
    }

    private void proceed(boolean again, boolean isAwaited, long since) {
        if (again) {
            begin();
        } else if (isAwaited) {
            beginGroup(since, false);
        } else {
            waitFor(interval(), since, false);
        }
    }

    /** The cycle went well: the next begins an interval after it, whatever was asked for meanwhile. */
    void rest() {
        backoff.reset();
        waitFor(interval(), state instanceof Flushing flushing ? flushing.since() : nanos.getAsLong(), false);
    }

    /** The cycle failed; {@code passes}: by itself, perhaps soon. */
    void failed(boolean passes) {
        Duration pause = backoff.next();
        waitFor(passes ? pause : maxBackoff(), nanos.getAsLong(), true);
    }

    /** A fault came between two cycles: whatever it was, there is to be another one. */
    void goOn() {
        if (isFlushing()) {
            waitFor(maxBackoff(), nanos.getAsLong(), true);
        }
    }

    private void beginGroup(long since, boolean again) {
        state = new Grouping(since, again);
        group.run();
    }

    private void begin() {
        state = new Flushing(nanos.getAsLong(), false);
        cycle.run();
    }

    /** A pause after a failure is as long as it was, or as long as it may be now. */
    private Duration shortened(Waiting waiting) {
        Duration pause = Duration.ofNanos(waiting.end() - waiting.since());
        return pause.compareTo(maxBackoff()) < 0 ? pause : maxBackoff();
    }

    private Duration interval() {
        return settings.get().interval();
    }

    private Duration maxBackoff() {
        return settings.get().maxBackoff();
    }

    private void waitFor(Duration pause, long since, boolean backingOff) {
        long end = since + pause.toNanos();
        long millis = Math.max(1, (end - nanos.getAsLong()) / 1_000_000);
        state = new Waiting(timers.set(millis, this::begin), end, since, backingOff);
    }
}
