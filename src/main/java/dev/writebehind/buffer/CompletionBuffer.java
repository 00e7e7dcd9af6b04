package dev.writebehind.buffer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.BufferSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The pending writes, coalesced by key, and a cache in front of the table for what was just flushed or read. Safe for
 * any thread; writes of one key take effect in the order of their receipt times, which are stamped here.
 *
 * <p>Everything lies in one Caffeine cache by learner and course. An entry that holds a write not yet in the table
 * never expires; any other does after {@code buffer.retain}. How reads stay right without asking the table:
 * {@code docs/decisions/0003-buffer.md}.
 */
public final class CompletionBuffer {
    /** Most flushed keys, and most rows read, that are kept readable; together some tens of MB. */
    private static final long MAX_RETAINED = 200_000;

    private final ReceiptClock clock;
    private final ChangeLog log;
    private final Ticker ticker;
    private final long retainNanos;
    private final Bounds bounds;
    private final Texts texts = new Texts();
    private final Cache<LearnerCourse, LearnerEntry> entries;
    private final RowSnapshots snapshots;
    /** Flushed runs that are kept readable. */
    private final AtomicLong kept = new AtomicLong();

    /** Resets that were carried out. */
    private final AtomicLong resets = new AtomicLong();

    private final LinkedBlockingQueue<LearnerCourse> queue = new LinkedBlockingQueue<>();
    private final AtomicBoolean signalled = new AtomicBoolean();
    private volatile Threshold threshold = new Threshold(Long.MAX_VALUE, () -> {});

    /** Creates an empty buffer that has its unsettled runs written down in that log. */
    public CompletionBuffer(BufferSettings settings, ReceiptClock clock, ChangeLog log) {
        this(settings, clock, log, Ticker.systemTicker());
    }

    CompletionBuffer(BufferSettings settings, ReceiptClock clock, ChangeLog log, Ticker ticker) {
        this.clock = clock;
        this.log = log;
        this.ticker = ticker;
        this.retainNanos = settings.retain().toNanos();
        this.bounds = new Bounds(settings);
        this.entries = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(ticker)
                .expireAfter(new UnlessPinned(settings.retain()))
                .evictionListener(this::onExpiry)
                .build();
        this.snapshots = new RowSnapshots(settings.retain(), MAX_RETAINED, ticker);
    }

    private record Threshold(long dirtyKeys, Runnable action) {}

    /**
     * Calls the action, on the offering thread, whenever at least that many keys have come to wait since the last
     * drain.
     */
    public void onThreshold(long dirtyKeys, Runnable action) {
        threshold = new Threshold(dirtyKeys, action);
    }

    /**
     * Takes all the writes or, where their keys would exceed the bounds, none.
     *
     * @param ticket completes once all are in the table; null: nobody waits
     * @return whether they were taken
     */
    public boolean offer(List<CompletionWrite> writes, @Nullable FlushTicket ticket) {
        return offer(writes, ticket, null);
    }

    /** Takes the writes as {@link #offer} does, and has the runs that they become part of appended to the log. */
    public boolean offerRecorded(List<CompletionWrite> writes, @Nullable FlushTicket ticket) {
        return offer(writes, ticket, log);
    }

    /**
     * Has everything of the learner in the course deleted that was received before now, in the buffer and in the table,
     * and the reset appended to the log, or does nothing where it would exceed the bounds.
     *
     * @param ticket completes once the rows are gone from the table; null: nobody waits
     * @return whether the reset was taken
     */
    public boolean reset(LearnerCourse learnerCourse, @Nullable FlushTicket ticket) {
        Charge reserved = new Charge(1, LearnerEntry.mostBytes(learnerCourse), 0);
        if (!bounds.reserve(reserved)) {
            LearnerEntry present = entries.getIfPresent(learnerCourse);
            if (present == null || !present.hasRoomForReset()) {
                return false;
            }
            reserved = Charge.NONE;
        }
        Charge charge = onEntry(
                learnerCourse, entry -> entry.reset(new CourseReset(learnerCourse, clock.reserve(1)), ticket, log));
        bounds.change(charge.plus(new Charge(-reserved.keys(), -reserved.bytes(), 0)));
        if (ticket != null) {
            ticket.settle();
        }
        signalThreshold();
        return true;
    }

    /**
     * Takes over a change that the log holds from before the start, whatever the bounds; in the order in which they
     * were written down.
     */
    public void restore(Change change, ChangeLog.Entry logged) {
        bounds.change(onEntry(
                change.learnerCourse(),
                entry -> change instanceof CourseReset reset
                        ? entry.restore(reset, logged, log)
                        : entry.restore((CoalescedWrite) change, logged, log)));
    }

    /**
     * Has every unsettled run appended to the log that is not there yet, also those that nobody asked to have there, as
     * long as the log has room for more.
     *
     * @return whether it had for all of them
     */
    public boolean recordAll() {
        return forEachEntry(entry -> entry.record(log));
    }

    /**
     * Has the log's outdated entries appended anew, so that it can drop the old ones, as long as it has room for more.
     */
    public void renewOutdated() {
        if (log.hasOutdated()) {
            forEachEntry(entry -> entry.renew(log));
        }
    }

    /** Returns how many changes are neither in the table nor durable in the log. */
    public long keysAtRisk() {
        AtomicLong keys = new AtomicLong();
        entries.asMap().values().forEach(entry -> keys.addAndGet(entry.atRisk(log)));
        return keys.get();
    }

    private boolean forEachEntry(Consumer<LearnerEntry> action) {
        for (LearnerCourse learnerCourse : entries.asMap().keySet()) {
            if (!log.hasRoom(1)) {
                return false;
            }
            entries.asMap().computeIfPresent(learnerCourse, (key, entry) -> {
                action.accept(entry);
                return entry;
            });
        }
        return true;
    }

    private boolean offer(List<CompletionWrite> writes, @Nullable FlushTicket ticket, @Nullable ChangeLog recordIn) {
        Charge reserved = mostCharge(writes);
        if (!bounds.reserve(reserved)) {
            reserved = exactCharge(writes);
            if (!bounds.reserve(reserved)) {
                return false;
            }
        }
        Charge charge = Charge.NONE;
        try {
            for (int from = 0; from < writes.size(); ) {
                int to = endOfRun(writes, from);
                charge = charge.plus(add(writes.subList(from, to), ticket, recordIn));
                from = to;
            }
        } finally {
            bounds.change(charge.plus(new Charge(-reserved.keys(), -reserved.bytes(), 0)));
        }
        if (ticket != null) {
            ticket.settle();
        }
        signalThreshold();
        return true;
    }

    /**
     * Puts everything that waits now into flight and returns it; of a learner and course that is to be reset, only the
     * reset. Each change returned must be given to {@link #settle}, {@link #bury} or {@link #release} before the next
     * drain.
     */
    public Drained drain() {
        signalled.set(false);
        List<LearnerCourse> due = new ArrayList<>();
        queue.drainTo(due);
        List<CourseReset> resets = new ArrayList<>();
        List<CoalescedWrite> writes = new ArrayList<>(due.size());
        for (LearnerCourse key : due) {
            change(key, entry -> entry.launch(resets, writes, ticker.read() - retainNanos));
        }
        return new Drained(resets, writes);
    }

    /** Takes changes out of flight that are committed: exactly these, never newer ones of their keys. */
    public void settle(Collection<? extends Change> changes) {
        List<FlushTicket> tickets = new ArrayList<>();
        changes.forEach(change -> settle(change, true, tickets));
        tickets.forEach(FlushTicket::settle);
    }

    /** Takes a change out of flight that the database refused and that is kept elsewhere now. */
    public void bury(Change change, RefusedByDatabaseException refusal) {
        List<FlushTicket> tickets = new ArrayList<>();
        settle(change, false, tickets);
        tickets.forEach(ticket -> ticket.refuse(refusal));
    }

    private void settle(Change change, boolean stored, List<FlushTicket> tickets) {
        LearnerCourse key = change.learnerCourse();
        boolean keep = stored && retainNanos > 0 && kept.get() < MAX_RETAINED;
        if (change instanceof CourseReset) {
            resets.incrementAndGet();
        }
        if (!keep || change instanceof CourseReset) {
            snapshots.forget(key);
        }
        change(
                key,
                entry -> change instanceof CourseReset reset
                        ? entry.settle(reset, tickets, log)
                        : entry.settle((CoalescedWrite) change, keep, ticker.read(), tickets, log));
    }

    /** Takes those of the changes that are still in flight out of it, as not flushed: they wait again. */
    public void release(Collection<? extends Change> changes) {
        for (Change change : changes) {
            change(
                    change.learnerCourse(),
                    entry -> change instanceof CourseReset reset
                            ? entry.release(reset)
                            : entry.release((CoalescedWrite) change, log));
        }
    }

    /**
     * Returns what the buffer knows of a learner in a course. To be taken before the table is read, if it has to be:
     * then nothing that is flushed meanwhile is missed.
     */
    public View view(int userId, CourseKey course) {
        LearnerCourse key = new LearnerCourse(userId, course);
        long now = ticker.read();
        long forgotten = snapshots.forgotten(key);
        long carriedOut = resets.get();
        LearnerEntry entry = entries.getIfPresent(key);
        List<CoalescedWrite> flushed = new ArrayList<>();
        List<CoalescedWrite> pending = new ArrayList<>();
        long hiddenBefore = entry == null ? View.NOTHING : entry.overlay(flushed, pending);
        return new View(
                key,
                flushed,
                pending,
                hiddenBefore,
                snapshots.fresh(key, now),
                now,
                forgotten,
                carriedOut,
                clock.horizon());
    }

    /** Keeps rows that were read after that view was taken, to answer the next reads. */
    public void remember(View view, List<StoredCompletion> rows) {
        snapshots.remember(view, rows);
    }

    /** Whether a reset was carried out since the view was taken: rows read meanwhile may lack what it builds on. */
    public boolean isOvertaken(View view) {
        return resets.get() != view.resets();
    }

    /** Returns how many distinct keys are not yet in the table, in flight included. */
    public long pendingKeys() {
        return bounds.keys();
    }

    /** Returns the heap that they are charged with, in bytes. */
    public long pendingBytes() {
        return bounds.bytes();
    }

    /** Drops everything that may be dropped, now. */
    void cleanUp() {
        entries.cleanUp();
        snapshots.cleanUp();
    }

    long entryCount() {
        return entries.estimatedSize();
    }

    private Charge add(List<CompletionWrite> writes, @Nullable FlushTicket ticket, @Nullable ChangeLog recordIn) {
        return onEntry(
                LearnerCourse.of(writes.get(0).key()),
                entry -> entry.add(writes, clock.reserve(writes.size()), ticket, recordIn));
    }

    /** Makes the step on the learner's entry, which is created if it is missing. Returns what it is charged. */
    private Charge onEntry(LearnerCourse learnerCourse, Step step) {
        ChargeBox box = new ChargeBox();
        entries.asMap().compute(learnerCourse, (key, present) -> {
            if (present != null) {
                box.take(present, step);
                queueIfDue(key, present);
                return present;
            }
            LearnerEntry entry = new LearnerEntry(key.course(), texts);
            box.take(entry, step);
            box.isNew = true;
            return entry;
        });
        if (box.isNew) {
            // Not within compute: a drain would look for the entry without waiting, and miss it. Nor is it marked as
            // queued there: who changes it next must not rely upon this thread to have come so far.
            queue.add(learnerCourse);
        }
        return box.charge;
    }

    private void change(LearnerCourse learnerCourse, Step step) {
        ChargeBox box = new ChargeBox();
        entries.asMap().computeIfPresent(learnerCourse, (key, entry) -> {
            box.take(entry, step);
            queueIfDue(key, entry);
            return entry.isEmpty() ? null : entry;
        });
        bounds.change(box.charge);
    }

    /** Within compute: whoever finds the entry marked as queued may rely upon it, and a drain that comes by waits. */
    private void queueIfDue(LearnerCourse key, LearnerEntry entry) {
        if (entry.mustQueue()) {
            queue.add(key);
        }
    }

    private void signalThreshold() {
        Threshold current = threshold;
        if (bounds.dirty() >= current.dirtyKeys() && signalled.compareAndSet(false, true)) {
            current.action().run();
        }
    }

    private void onExpiry(@Nullable LearnerCourse key, @Nullable LearnerEntry entry, RemovalCause cause) {
        if (key != null && entry != null) {
            kept.addAndGet(-entry.kept());
            snapshots.forget(key);
        }
    }

    private static int endOfRun(List<CompletionWrite> writes, int from) {
        LearnerCourse first = LearnerCourse.of(writes.get(from).key());
        int to = from + 1;
        while (to < writes.size() && first.holds(writes.get(to).key())) {
            to++;
        }
        return to;
    }

    private static Charge mostCharge(List<CompletionWrite> writes) {
        long bytes = 0;
        for (CompletionWrite write : writes) {
            bytes += LearnerEntry.bytes(write.key(), true, true, true);
        }
        return new Charge(writes.size(), bytes, 0);
    }

    /** Returns the charge of those keys that are not in the buffer now; a flush may settle some right after. */
    private Charge exactCharge(List<CompletionWrite> writes) {
        long bytes = 0;
        Set<CompletionKey> fresh = new HashSet<>();
        Set<Object> charged = new HashSet<>();
        for (CompletionWrite write : writes) {
            CompletionKey key = write.key();
            LearnerCourse learnerCourse = LearnerCourse.of(key);
            LearnerEntry entry = entries.getIfPresent(learnerCourse);
            if ((entry == null || !entry.holdsUnsettled(key.block())) && fresh.add(key)) {
                boolean freshEntry = (entry == null || !entry.isPinned()) && charged.add(learnerCourse);
                boolean freshCourse = freshEntry && !texts.isHeld(key.course()) && charged.add(key.course());
                boolean freshBlock = !texts.isHeld(key.block()) && charged.add(key.block());
                bytes += LearnerEntry.bytes(key, freshEntry, freshCourse, freshBlock);
            }
        }
        return new Charge(fresh.size(), bytes, 0);
    }

    private interface Step {
        Charge on(LearnerEntry entry);
    }

    /** What a step within compute leaves to be done after it. */
    private final class ChargeBox {
        Charge charge = Charge.NONE;
        boolean isNew;

        void take(LearnerEntry entry, Step step) {
            int keptBefore = entry.kept();
            charge = step.on(entry);
            kept.addAndGet((long) entry.kept() - keptBefore);
        }
    }

    private record UnlessPinned(Duration retain) implements Expiry<LearnerCourse, LearnerEntry> {
        @Override
        public long expireAfterCreate(LearnerCourse key, LearnerEntry entry, long currentTime) {
            return entry.isPinned() ? Long.MAX_VALUE : retain.toNanos();
        }

        @Override
        public long expireAfterUpdate(LearnerCourse key, LearnerEntry entry, long currentTime, long currentDuration) {
            return entry.isPinned() ? Long.MAX_VALUE : retain.toNanos();
        }

        @Override
        public long expireAfterRead(LearnerCourse key, LearnerEntry entry, long currentTime, long currentDuration) {
            return currentDuration;
        }
    }
}
