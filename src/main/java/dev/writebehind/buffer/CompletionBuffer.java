package dev.writebehind.buffer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.RunLog;
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
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The pending writes, coalesced by key, and a cache in front of the table for what was just flushed or read. Safe for
 * any thread; writes of one key take effect in the order of their receipt times, which are stamped here.
 *
 * <p>Everything lies in one Caffeine cache by learner and course. An entry that holds a write not yet in the table
 * never expires; any other does after {@code buffer.retain}. How reads stay right without asking the table: {@code docs/decisions/0003-buffer.md}.
 */
public final class CompletionBuffer {
    /** Most flushed keys, and most rows read, that are kept readable; together some tens of MB. */
    private static final long MAX_RETAINED = 200_000;

    private static final int EVICTION_STRIPES = 1_024;

    private final ReceiptClock clock;
    private final RunLog log;
    private final Ticker ticker;
    private final long retainNanos;
    private final Bounds bounds;
    private final Cache<LearnerCourse, LearnerEntry> entries;
    private final Cache<LearnerCourse, RowSnapshot> snapshots;
    /** Counts flushed runs dropped early, by hash of the key: rows that are being read meanwhile might lack them. */
    private final AtomicLongArray evictions = new AtomicLongArray(EVICTION_STRIPES);

    /** Flushed runs that are kept readable. */
    private final AtomicLong kept = new AtomicLong();

    private final LinkedBlockingQueue<LearnerCourse> queue = new LinkedBlockingQueue<>();
    private final AtomicBoolean signalled = new AtomicBoolean();
    private volatile Threshold threshold = new Threshold(Long.MAX_VALUE, () -> {});

    /** Creates an empty buffer that has its unsettled runs written down in that log. */
    public CompletionBuffer(BufferSettings settings, ReceiptClock clock, RunLog log) {
        this(settings, clock, log, Ticker.systemTicker());
    }

    CompletionBuffer(BufferSettings settings, ReceiptClock clock, Ticker ticker) {
        this(settings, clock, RunLog.NONE, ticker);
    }

    CompletionBuffer(BufferSettings settings, ReceiptClock clock, RunLog log, Ticker ticker) {
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
        this.snapshots = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(ticker)
                .expireAfterWrite(settings.retain())
                .maximumWeight(MAX_RETAINED)
                .weigher((LearnerCourse key, RowSnapshot snapshot) ->
                        1 + snapshot.rows().size())
                .build();
    }

    private record Threshold(long dirtyKeys, Runnable action) {}

    /** Calls the action, on the offering thread, whenever at least that many keys have come to wait since the last drain. */
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

    /** Takes over a run that the log holds from before the start, whatever the bounds. */
    public void restore(CoalescedWrite run, RunLog.Entry entry) {
        ChargeBox box = new ChargeBox();
        LearnerCourse learnerCourse = LearnerCourse.of(run.key());
        entries.asMap().compute(learnerCourse, (key, present) -> {
            LearnerEntry restored = present == null ? new LearnerEntry() : present;
            box.charge = restored.restore(run, entry);
            box.due = restored.mustQueue();
            return restored;
        });
        queueIfDue(learnerCourse, box);
        bounds.change(box.charge);
    }

    /** Has every unsettled run appended to the log, also those that nobody asked to have there. */
    public void recordAll() {
        forEachEntry(entry -> entry.record(log));
    }

    /** Has the log's outdated entries appended anew, so that it can drop the old ones. */
    public void renewOutdated() {
        if (log.hasOutdated()) {
            forEachEntry(entry -> entry.renew(log));
        }
    }

    private void forEachEntry(Consumer<LearnerEntry> action) {
        for (LearnerCourse learnerCourse : entries.asMap().keySet()) {
            entries.asMap().computeIfPresent(learnerCourse, (key, entry) -> {
                action.accept(entry);
                return entry;
            });
        }
    }

    private boolean offer(List<CompletionWrite> writes, @Nullable FlushTicket ticket, @Nullable RunLog recordIn) {
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
     * Puts everything that waits now into flight and returns it, in no particular order. Each write returned must be
     * given to {@link #settle} or {@link #release} before the next drain.
     */
    public List<CoalescedWrite> drain() {
        signalled.set(false);
        List<LearnerCourse> due = new ArrayList<>();
        queue.drainTo(due);
        List<CoalescedWrite> launched = new ArrayList<>(due.size());
        for (LearnerCourse key : due) {
            change(key, entry -> entry.launch(launched, ticker.read() - retainNanos));
        }
        return launched;
    }

    /** Takes writes out of flight whose rows are committed: exactly these, never newer ones of their keys. */
    public void settle(Collection<CoalescedWrite> writes) {
        List<FlushTicket> tickets = new ArrayList<>();
        for (CoalescedWrite write : writes) {
            LearnerCourse key = LearnerCourse.of(write.key());
            boolean keep = retainNanos > 0 && kept.get() < MAX_RETAINED;
            if (!keep) {
                forgetSnapshot(key);
            }
            change(key, entry -> entry.settle(write, keep, ticker.read(), tickets, log));
        }
        tickets.forEach(FlushTicket::settle);
    }

    /** Takes a write out of flight that the database refused and that is kept elsewhere now. */
    public void bury(CoalescedWrite write, RefusedByDatabaseException refusal) {
        List<FlushTicket> tickets = new ArrayList<>();
        change(LearnerCourse.of(write.key()), entry -> entry.settle(write, false, ticker.read(), tickets, log));
        tickets.forEach(ticket -> ticket.refuse(refusal));
    }

    /** Takes those of the writes that are still in flight out of it, as not flushed: they wait again. */
    public void release(Collection<CoalescedWrite> writes) {
        for (CoalescedWrite write : writes) {
            change(LearnerCourse.of(write.key()), entry -> entry.release(write));
        }
    }

    /**
     * Returns what the buffer knows of a learner in a course. To be taken before the table is read, if it has to be:
     * then nothing that is flushed meanwhile is missed.
     */
    public View view(int userId, CourseKey course) {
        LearnerCourse key = new LearnerCourse(userId, course);
        long now = ticker.read();
        long evicted = evictions.get(stripe(key));
        LearnerEntry entry = entries.getIfPresent(key);
        List<CoalescedWrite> flushed = new ArrayList<>();
        List<CoalescedWrite> pending = new ArrayList<>();
        if (entry != null) {
            entry.overlay(flushed, pending);
        }
        RowSnapshot snapshot = snapshots.getIfPresent(key);
        boolean fresh = snapshot != null && now - snapshot.readAt() < retainNanos;
        return new View(key, flushed, pending, fresh ? snapshot : null, now, evicted);
    }

    /** Keeps rows that were read after that view was taken, to answer the next reads. */
    public void remember(View view, List<StoredCompletion> rows) {
        if (retainNanos == 0) {
            return;
        }
        snapshots.asMap().compute(view.key(), (key, present) -> {
            if (evictions.get(stripe(key)) != view.evictions()) {
                return null;
            }
            return present != null && present.readAt() - view.takenAt() >= 0
                    ? present
                    : new RowSnapshot(rows, view.takenAt());
        });
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

    private Charge add(List<CompletionWrite> writes, @Nullable FlushTicket ticket, @Nullable RunLog recordIn) {
        ChargeBox box = new ChargeBox();
        LearnerCourse learnerCourse = LearnerCourse.of(writes.get(0).key());
        entries.asMap().compute(learnerCourse, (key, present) -> {
            LearnerEntry entry = present == null ? new LearnerEntry() : present;
            box.charge = entry.add(writes, clock.reserve(writes.size()), ticket, recordIn);
            box.due = entry.mustQueue();
            return entry;
        });
        queueIfDue(learnerCourse, box);
        return box.charge;
    }

    private void change(LearnerCourse learnerCourse, Change change) {
        ChargeBox box = new ChargeBox();
        entries.asMap().computeIfPresent(learnerCourse, (key, entry) -> {
            int keptBefore = entry.kept();
            box.charge = change.on(entry);
            kept.addAndGet((long) entry.kept() - keptBefore);
            box.due = entry.mustQueue();
            return entry.size() == 0 ? null : entry;
        });
        queueIfDue(learnerCourse, box);
        bounds.change(box.charge);
    }

    /** Not within compute: a drain would look for the entry without waiting, miss it, and leave it marked as queued. */
    private void queueIfDue(LearnerCourse key, ChargeBox box) {
        if (box.due) {
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
            forgetSnapshot(key);
        }
    }

    /** To be called before a flushed run is dropped that rows read earlier may lack. */
    private void forgetSnapshot(LearnerCourse key) {
        evictions.incrementAndGet(stripe(key));
        snapshots.asMap().remove(key);
    }

    private static int stripe(LearnerCourse key) {
        return Math.floorMod(key.hashCode() * 0x9E3779B9, EVICTION_STRIPES);
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
            bytes += write.key().estimatedBytes();
        }
        return new Charge(writes.size(), bytes, 0);
    }

    /** Returns the charge of those keys that are not in the buffer now; a flush may settle some right after. */
    private Charge exactCharge(List<CompletionWrite> writes) {
        long bytes = 0;
        Set<CompletionKey> fresh = new HashSet<>();
        for (CompletionWrite write : writes) {
            CompletionKey key = write.key();
            LearnerEntry entry = entries.getIfPresent(LearnerCourse.of(key));
            if ((entry == null || !entry.holdsUnsettled(key.block())) && fresh.add(key)) {
                bytes += key.estimatedBytes();
            }
        }
        return new Charge(fresh.size(), bytes, 0);
    }

    private interface Change {
        Charge on(LearnerEntry entry);
    }

    private static final class ChargeBox {
        Charge charge = Charge.NONE;
        boolean due;
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
