package dev.writebehind.core;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one event loop that wait for the journal: whatever it makes durable together is told by one task, and
 * one timer watches over them all. Confined to its context.
 */
public final class Waiting {
    private static final Logger log = LoggerFactory.getLogger(Waiting.class);
    private static final long SHORTEST_PAUSE_MILLIS = 10;

    private final Vertx vertx;
    private final Context context;
    private final LongSupplier nanos;
    private final Deque<Group> groups = new ArrayDeque<>();
    private boolean isWatched;
    private long looksAt;
    private long timer;

    Waiting(Vertx vertx, LongSupplier nanos) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.nanos = nanos;
    }

    /** Returns that of the current context, for whoever serves requests there. */
    public static Waiting on(Vertx vertx) {
        return new Waiting(vertx, System::nanoTime);
    }

    /** Those that wait for the same stage, of which the journal has one for each group that it commits. */
    private record Group(CompletionStage<Void> stage, List<Waiter> waiters) {}

    private record Waiter(Consumer<Outcome> told, Outcome durable, long deadline) {}

    Context context() {
        return context;
    }

    /** Returns the end of a wait that begins now. */
    long deadline(Duration timeout) {
        return nanos.getAsLong() + timeout.toNanos();
    }

    /**
     * Tells that outcome once the stage is complete, or why that is not known, in time. A stage that is complete counts
     * as in time, whatever the {@link #deadline}.
     */
    @SuppressWarnings("ReferenceEquality") // the journal hands out one object for each group
    void until(CompletionStage<Void> stage, long deadline, Outcome durable, Consumer<Outcome> told) {
        Group last = groups.peekLast();
        Group group = last != null && last.stage() == stage ? last : begin(stage);
        group.waiters().add(new Waiter(told, durable, deadline));
        if (!isWatched || deadline - looksAt < 0) {
            watch(deadline);
        }
    }

    private Group begin(CompletionStage<Void> stage) {
        Group group = new Group(stage, new ArrayList<>());
        groups.add(group);
        stage.whenComplete((done, failure) -> context.runOnContext(told -> end(group, failure)));
        return group;
    }

    private void end(Group group, @Nullable Throwable failure) {
        groups.remove(group);
        group.waiters().forEach(waiter -> tell(waiter, failure));
    }

    private static void tell(Waiter waiter, @Nullable Throwable failure) {
        try {
            waiter.told().accept(failure == null ? waiter.durable() : Taking.notJournaled(failure));
        } catch (RuntimeException | Error e) {
            log.error("An acknowledgement is not told", e); // the others are
        }
    }

    private void watch(long deadline) {
        if (isWatched) {
            vertx.cancelTimer(timer);
        }
        isWatched = true;
        looksAt = deadline;
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - nanos.getAsLong()) + 1;
        timer = vertx.setTimer(Math.max(SHORTEST_PAUSE_MILLIS, millis), elapsed -> look());
    }

    private void look() {
        isWatched = false;
        long now = nanos.getAsLong();
        long next = Long.MAX_VALUE; // from now
        List<Waiter> late = new ArrayList<>();
        for (Group group : groups) {
            group.waiters().removeIf(waiter -> waiter.deadline() - now <= 0 && late.add(waiter));
            for (Waiter waiter : group.waiters()) {
                next = Math.min(next, waiter.deadline() - now);
            }
        }
        if (next < Long.MAX_VALUE) {
            watch(now + next);
        }
        late.forEach(waiter -> tell(waiter, new TimeoutException()));
    }
}
