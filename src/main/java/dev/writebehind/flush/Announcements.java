package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.store.Announcer;
import dev.writebehind.store.OutboxReader.Backlog;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The announcements of changed rows: whether flushes add them to the outbox, how many they added, and what waits there.
 * Written by the flusher's context, its figures read by any thread.
 *
 * <p>An outbox that takes nothing holds flushes up for a while, since that may pass, and then no longer: rows go before
 * news. Why: {@code docs/decisions/0023-announcements.md}.
 */
public final class Announcements implements Announcer {
    private static final Logger log = LoggerFactory.getLogger(Announcements.class);

    /** Full until no more than so many parts of five are left. */
    private static final int ENOUGH_ROOM = 4;

    private final boolean isOn;
    private final LongSupplier mostEntries;
    private final Conditions conditions;
    private final Patience patience;
    private final LongSupplier nanos;
    private final LongSupplier micros;
    private final LongAdder added = new LongAdder();
    private final LongAdder leftOut = new LongAdder();
    private volatile @Nullable Backlog backlog;
    private boolean isFull;
    private @Nullable Throwable failure;
    private long failingSince;
    private long failedAt;
    private boolean isSuspended;
    private @Nullable Long oldSince;
    private boolean isLate;
    private boolean isBlind;
    /** What the look at the outbox at the start, and the looks since then, found wrong with it; null: nothing. */
    private volatile @Nullable String unfit;

    /**
     * Makes them.
     *
     * @param isOn whether any are made at all
     * @param mostEntries how many may wait in the outbox before no more are added
     */
    public Announcements(boolean isOn, LongSupplier mostEntries, Conditions conditions) {
        this(isOn, mostEntries, conditions, Patience.USUAL, System::nanoTime, () -> System.currentTimeMillis() * 1_000);
    }

    Announcements(
            boolean isOn,
            LongSupplier mostEntries,
            Conditions conditions,
            Patience patience,
            LongSupplier nanos,
            LongSupplier micros) {
        this.isOn = isOn;
        this.mostEntries = mostEntries;
        this.conditions = conditions;
        this.patience = patience;
        this.nanos = nanos;
        this.micros = micros;
    }

    /** Returns those of a service that announces nothing. */
    public static Announcements none() {
        return new Announcements(false, () -> 1, new Conditions(Clock.systemUTC()));
    }

    /**
     * How long things may take; immutable.
     *
     * @param hold for how long flushes fail because of an outbox that takes nothing, before they do without it
     * @param again how often it is then tried
     * @param look how often it is looked at
     * @param age how old entries may become
     * @param lasting for how long they must have been older before that is told: after an outage all are, for a moment
     */
    record Patience(Duration hold, Duration again, Duration look, Duration age, Duration lasting) {
        static final Patience USUAL = new Patience(
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(1));
    }

    /** Whether entries are added at all. Safe for any thread. */
    public boolean isOn() {
        return isOn;
    }

    Duration pauseBetweenLooks() {
        return patience.look();
    }

    /** Returns how many entries are enough to count. */
    long countedAtMost() {
        return mostEntries.getAsLong() + 1;
    }

    @Override
    public boolean isWanted() {
        return isOn
                && unfit == null
                && !isFull
                && !(isSuspended
                        && nanos.getAsLong() - failedAt < patience.again().toNanos());
    }

    @Override
    public void added(int entries) {
        added.add(entries);
        if (entries > 0 && failure != null) {
            failure = null;
            isSuspended = false;
            tell();
        }
    }

    @Override
    public void leftOut(int rows) {
        if (isOn) {
            leftOut.add(rows);
        }
    }

    @Override
    public boolean failed(Throwable cause) {
        long now = nanos.getAsLong();
        if (failure == null) {
            failingSince = now;
        }
        failure = cause;
        failedAt = now;
        log.debug("A flush could not add to the outbox", cause);
        if (now - failingSince >= patience.hold().toNanos()) {
            isSuspended = true;
            tell();
        }
        return isSuspended;
    }

    /** Takes note of what waits in the outbox. */
    void looked(Backlog seen) {
        backlog = seen;
        isBlind = false;
        long most = mostEntries.getAsLong();
        isFull = seen.entries() > (isFull ? most / (ENOUGH_ROOM + 1) * ENOUGH_ROOM : most);
        long now = nanos.getAsLong();
        boolean isOld = age(seen) * 1_000_000 > patience.age().toNanos() / 1_000.0;
        oldSince = !isOld ? null : oldSince == null ? Long.valueOf(now) : oldSince;
        isLate = oldSince != null && now - oldSince >= patience.lasting().toNanos();
        tell();
    }

    /** Takes note that it could not be looked at. */
    void unseen(Throwable cause) {
        backlog = null;
        if (!isBlind) {
            isBlind = true;
            log.warn("What waits in the outbox is not known for now: {}", cause.toString());
        }
        log.debug("The outbox can't be looked at", cause);
    }

    /**
     * Takes note that the outbox is not fit: nothing is added to it until it is, also where the server would let it
     * happen. Safe for any thread.
     *
     * @param reason what is wrong with it, and what to do
     */
    public synchronized void unfit(String reason) {
        unfit = reason;
        tellFailing(reason);
    }

    /** Takes note that the outbox is fit; the condition ends with the next look at what waits. Safe for any thread. */
    public void fit() {
        unfit = null;
    }

    private void tellFailing(String cause) {
        conditions.begin(
                ConditionName.ANNOUNCEMENTS_FAILING,
                "Rows are written, after a minute at the latest, and the LMS is never told of those that are written"
                        + " until this is mended",
                cause);
    }

    private synchronized void tell() {
        String wrong = unfit;
        if (wrong != null) {
            tellFailing(wrong);
        } else if (isSuspended) {
            tellFailing(String.valueOf(requireNonNull(failure).getMessage()));
        } else if (isFull) {
            conditions.begin(
                    ConditionName.ANNOUNCEMENTS_FULL,
                    "Rows are written, and the LMS is never told of those that are written until there is room",
                    "more than openedx.announce-max-backlog entries wait in the outbox");
        } else if (isLate) {
            conditions.begin(
                    ConditionName.ANNOUNCEMENTS_LATE,
                    "The LMS does not hear of rows that are written",
                    "the oldest entry in the outbox has waited for more than "
                            + patience.age().toMinutes() + " minutes");
        } else {
            conditions.end(Subject.ANNOUNCEMENTS, "The LMS is told of changed rows again");
        }
    }

    /** Returns how many entries were added. Safe for any thread. */
    public long added() {
        return added.sum();
    }

    /** Returns how many rows were changed without an entry, though there should have been one. Safe for any thread. */
    public long leftOut() {
        return leftOut.sum();
    }

    /** Returns how many entries wait, or one more than may; NaN: it is not known. Safe for any thread. */
    public double backlog() {
        Backlog seen = backlog;
        return seen == null ? Double.NaN : seen.entries();
    }

    /** Returns how many may wait before no more are added. Safe for any thread. */
    public long mostEntries() {
        return mostEntries.getAsLong();
    }

    /**
     * Returns how long ago the change was received of which the oldest entry tells, in seconds; 0: none waits; NaN: it
     * is not known. Safe for any thread.
     */
    public double age() {
        Backlog seen = backlog;
        return seen == null ? Double.NaN : age(seen);
    }

    private double age(Backlog seen) {
        return seen.oldest() == Long.MAX_VALUE ? 0 : Math.max(0, micros.getAsLong() - seen.oldest()) / 1e6;
    }
}
