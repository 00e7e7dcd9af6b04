package dev.writebehind.buffer;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.Receipts;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.BufferSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The pending writes, coalesced by key, and a cache in front of the table for what was just flushed or read. Safe for
 * any thread; changes of one key take effect in the order of their receipt times, which are stamped here when they are
 * offered, and come with those of a {@link #followedLog}.
 *
 * <p>How reads stay right without asking the table: {@code docs/decisions/0003-buffer.md}.
 */
public final class CompletionBuffer {
    /** Most flushed keys, and most rows read, that are kept readable; together some tens of MB. */
    private static final long MAX_RETAINED = 200_000;

    private final ReceiptClock clock;
    private final ChangeLog log;
    private final Ticker ticker;
    private final Supplier<BufferSettings> settings;
    private final Bounds bounds;
    private final Entries entries;
    private final Admission admission;
    private final RowSnapshots snapshots;
    private final FollowedLog followed;
    private final LongAdder coalesced = new LongAdder();
    /** Resets that were carried out. */
    private final AtomicLong resets = new AtomicLong();

    private final AtomicBoolean signalled = new AtomicBoolean();
    private volatile Runnable onAwaited = () -> {};
    private volatile Threshold threshold = new Threshold(Long.MAX_VALUE, () -> {});

    /** Creates an empty buffer that has its unsettled runs written down in that log. */
    public CompletionBuffer(Supplier<BufferSettings> settings, ReceiptClock clock, ChangeLog log) {
        this(settings, clock, log, Ticker.systemTicker());
    }

    CompletionBuffer(Supplier<BufferSettings> settings, ReceiptClock clock, ChangeLog log, Ticker ticker) {
        this.clock = clock;
        this.log = log;
        this.ticker = ticker;
        this.settings = settings;
        Supplier<Duration> retain = () -> settings.get().retain();
        this.bounds = new Bounds(settings);
        this.snapshots = new RowSnapshots(retain, MAX_RETAINED, ticker);
        Texts texts = new Texts();
        this.entries = new Entries(texts, retain, ticker, snapshots::forget);
        this.admission = new Admission(bounds, entries, texts);
        this.followed = new FollowedLog(
                this, new FollowedLog.Parts(bounds, entries, snapshots, resets, coalesced), clock, log, ticker);
    }

    /** Has changed settings take effect on what is kept for reads; bounds are those of the moment. May take a while. */
    public void settingsChanged() {
        forgetRows(); // first: what the entries drop must not be missing from rows that are kept
        entries.reconsiderExpiry();
    }

    /** Forgets what was read of the table, for it was changed past the buffer. Safe for any thread. */
    public void forgetRows() {
        snapshots.restart();
    }

    private long retainNanos() {
        return settings.get().retain().toNanos();
    }

    private record Threshold(long dirtyKeys, Runnable action) {}

    /**
     * Calls the action, on the offering thread, whenever at least that many keys have come to wait since the last
     * drain.
     */
    public void onThreshold(long dirtyKeys, Runnable action) {
        threshold = new Threshold(dirtyKeys, action);
        signalThreshold();
    }

    /** Calls the action, on the offering thread, whenever somebody has come to wait for changes. */
    public void onAwaited(Runnable action) {
        onAwaited = action;
    }

    /**
     * Takes all the writes or, where their keys would exceed the bounds, none.
     *
     * @param ticket completes once all are in the table; null: nobody waits
     * @return whether they were taken
     */
    public boolean offer(List<CompletionWrite> writes, @Nullable FlushTicket ticket) {
        return offer(writes, ticket, null, null);
    }

    /** Takes the writes as {@link #offer(List, FlushTicket)} does, and tells when they were received. */
    public boolean offer(List<CompletionWrite> writes, @Nullable FlushTicket ticket, @Nullable Receipts receipts) {
        return offer(writes, ticket, null, receipts);
    }

    /** Takes the writes as {@link #offer} does, and has the runs that they become part of appended to the log. */
    public boolean offerRecorded(List<CompletionWrite> writes, @Nullable FlushTicket ticket) {
        return offer(writes, ticket, log, null);
    }

    /** Takes the writes as {@link #offerRecorded(List, FlushTicket)} does, and tells when they were received. */
    public boolean offerRecorded(
            List<CompletionWrite> writes, @Nullable FlushTicket ticket, @Nullable Receipts receipts) {
        return offer(writes, ticket, log, receipts);
    }

    /**
     * Has everything of the learner in the course deleted that was received before now, in the buffer and in the table,
     * and the reset appended to the log, or does nothing where it would exceed the bounds.
     *
     * @param ticket completes once the rows are gone from the table; null: nobody waits
     * @return whether the reset was taken
     */
    public boolean reset(LearnerCourse learnerCourse, @Nullable FlushTicket ticket) {
        return reset(learnerCourse, CourseReset.RECEIPT, ticket);
    }

    /**
     * As the other, of what was received before that moment, and before now: what was received since then stands, also
     * where the reset deletes its row, which is written anew.
     *
     * @param before microseconds since the epoch
     */
    public boolean reset(LearnerCourse learnerCourse, long before, @Nullable FlushTicket ticket) {
        Charge reserved = admission.reserve(learnerCourse);
        if (reserved == null) {
            return false;
        }
        int nonAscii = learnerCourse.course().isAscii() ? 0 : 1;
        bounds.countNonAscii(nonAscii);
        Charge charge = Charge.NONE;
        try {
            charge = entries.change(
                    learnerCourse,
                    entry -> entry.reset(
                            new CourseReset(learnerCourse, Math.min(before, clock.reserve(1))), ticket, log));
            if (before != CourseReset.RECEIPT) {
                snapshots.forget(learnerCourse); // they may lack what was flushed since, no longer laid over them
            }
        } finally {
            bounds.change(charge, reserved);
            bounds.countNonAscii(-nonAscii);
        }
        applied(ticket);
        return true;
    }

    /** Returns what a log that several instances share is brought into this buffer by; never beside {@link #offer}. */
    public FollowedLog followedLog() {
        return followed;
    }

    /** Whether {@link #offer} would take the writes now. */
    public boolean hasRoomFor(List<CompletionWrite> writes) {
        return admission.hasRoomFor(writes);
    }

    /** Whether {@link #reset} would take the reset now. */
    public boolean hasRoomForReset(LearnerCourse learnerCourse) {
        return admission.hasRoomFor(learnerCourse);
    }

    /**
     * Takes over a change that the log holds from before the start, whatever the bounds; in the order in which they
     * were written down.
     */
    public void restore(Change change, ChangeLog.Entry logged) {
        bounds.change(entries.change(
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
        entries.forEach(entry -> keys.addAndGet(entry.atRisk(log)));
        return keys.get();
    }

    private boolean forEachEntry(Consumer<LearnerEntry> action) {
        for (LearnerCourse learnerCourse : entries.keys()) {
            if (!log.hasRoom(1)) {
                return false;
            }
            entries.with(learnerCourse, action);
        }
        return true;
    }

    private boolean offer(
            List<CompletionWrite> writes,
            @Nullable FlushTicket ticket,
            @Nullable ChangeLog recordIn,
            @Nullable Receipts receipts) {
        Charge reserved = admission.reserve(writes);
        if (reserved == null) {
            return false;
        }
        Charge charge = Charge.NONE;
        // Before the first is stamped: who counts none after he has drained knows that no older one is on its way.
        int nonAscii = nonAscii(writes);
        bounds.countNonAscii(nonAscii);
        try {
            for (int from = 0; from < writes.size(); ) {
                int to = endOfRun(writes, from);
                List<CompletionWrite> run = from == 0 && to == writes.size() ? writes : writes.subList(from, to);
                charge = charge.plus(add(run, ticket, recordIn, receipts));
                from = to;
            }
        } finally {
            bounds.change(charge, reserved);
            bounds.countNonAscii(-nonAscii);
        }
        coalesced.add(writes.size() - charge.dirty());
        applied(ticket);
        return true;
    }

    /** Tells whoever drains of what waits. */
    void tellOfWhatWaits() {
        if (entries.awaited() > 0) {
            onAwaited.run();
        }
        signalThreshold();
    }

    /** Tells whoever drains that there is more, and has the ticket complete once it is flushed. */
    void applied(@Nullable FlushTicket ticket) {
        if (ticket != null) {
            ticket.settle();
            onAwaited.run();
        }
        signalThreshold();
    }

    private static int nonAscii(List<CompletionWrite> writes) {
        int count = 0;
        for (CompletionWrite write : writes) {
            count += write.key().course().isAscii() && write.key().block().isAscii() ? 0 : 1;
        }
        return count;
    }

    /**
     * Puts everything that waits now into flight and returns it; of a learner and course that is to be reset, only the
     * reset. Each change returned must be given to {@link #settle}, {@link #bury} or {@link #release} before the next
     * drain.
     */
    public Drained drain() {
        return drain(Integer.MAX_VALUE);
    }

    /** As {@link #drain()}, but of no further learner and course once that many changes are in flight. */
    public Drained drain(int enough) {
        signalled.set(false);
        List<CourseReset> resets = new ArrayList<>();
        List<CoalescedWrite> writes = new ArrayList<>();
        Set<CoalescedWrite> present = Drained.identities();
        long keptSince = ticker.read() - retainNanos();
        if (enough == Integer.MAX_VALUE) {
            for (int left = entries.awaited(); left > 0; left--) {
                launchNextAwaited(resets, writes, present);
            }
        }
        for (int left = entries.queued(); left > 0 && resets.size() + writes.size() < enough; left--) {
            LearnerCourse next = entries.next();
            change(next, entry -> entry.launch(resets, writes, blocksRead(next), present, keptSince));
        }
        return new Drained(resets, writes, present, entries.standingBesides(resets));
    }

    /** Puts into flight what somebody waits for, as {@link #drain(int)} does with whatever waits. */
    public Drained drainAwaited(int enough) {
        List<CourseReset> resets = new ArrayList<>();
        List<CoalescedWrite> writes = new ArrayList<>();
        Set<CoalescedWrite> present = Drained.identities();
        for (int left = entries.awaited(); left > 0 && resets.size() + writes.size() < enough; left--) {
            launchNextAwaited(resets, writes, present);
        }
        return new Drained(resets, writes, present, entries.standingBesides(resets));
    }

    private void launchNextAwaited(List<CourseReset> resets, List<CoalescedWrite> writes, Set<CoalescedWrite> present) {
        LearnerCourse next = entries.nextAwaited();
        change(next, entry -> entry.launchAwaited(resets, writes, blocksRead(next), present));
    }

    /** Returns the blocks that had a row when the learner's course was read a moment ago. */
    private Set<String> blocksRead(LearnerCourse key) {
        RowSnapshot rows = snapshots.fresh(key, ticker.read());
        return rows == null ? Set.of() : rows.blocks();
    }

    /** Whether somebody may wait for something that {@link #drainAwaited} would put into flight. */
    public boolean isAnyAwaited() {
        return entries.awaited() > 0;
    }

    /**
     * Whether all that is not in the table, and whatever is offered with an earlier stamp than what is offered from now
     * on, has keys of ASCII alone.
     */
    public boolean isAllAscii() {
        return bounds.nonAscii() == 0;
    }

    /** Takes changes out of flight that are committed: exactly these, never newer ones of their keys. */
    public void settle(Collection<? extends Change> changes) {
        List<FlushTicket> tickets = new ArrayList<>();
        changes.forEach(change -> settle(change, true, tickets));
        tickets.forEach(FlushTicket::settle);
    }

    /**
     * Takes writes out of flight that the reset of a course undid which the table holds equal to theirs. Of whatever a
     * replay meets of them, the reset must come last.
     */
    public void forget(Collection<CoalescedWrite> undone, CourseReset by) {
        change(by.learnerCourse(), entry -> entry.writeAnew(by, log));
        List<FlushTicket> tickets = new ArrayList<>();
        undone.forEach(write -> settle(write, false, tickets));
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
        boolean keep = stored && keepsFlushed();
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
            if (change instanceof CourseReset reset) {
                change(change.learnerCourse(), entry -> entry.release(reset));
            } else {
                releaseAs((CoalescedWrite) change, (CoalescedWrite) change);
            }
        }
    }

    /** As {@link #release}, but what waits again is the other. */
    public void releaseAs(CoalescedWrite write, CoalescedWrite other) {
        change(write.learnerCourse(), entry -> entry.release(write, other, log));
    }

    /**
     * Returns what the buffer knows of a learner in a course. To be taken before the table is read, if it has to be:
     * then nothing that is flushed meanwhile is missed.
     */
    public View view(int userId, CourseKey course) {
        LearnerCourse key = new LearnerCourse(userId, course);
        View.Moment moment = new View.Moment(ticker.read(), snapshots.forgotten(key), resets.get(), clock.horizon());
        LearnerEntry entry = entries.get(key);
        List<CoalescedWrite> flushed = new ArrayList<>();
        List<CoalescedWrite> pending = new ArrayList<>();
        long hiddenBefore = entry == null ? View.NOTHING : entry.overlay(flushed, pending);
        return new View(key, flushed, pending, hiddenBefore, snapshots.fresh(key, moment.nanos()), moment);
    }

    /** Keeps rows that were read after that view was taken, to answer the next reads. */
    public void remember(View view, List<StoredCompletion> rows) {
        snapshots.remember(view, rows);
    }

    /**
     * Whether a reset was taken, or carried out, since the view was taken: rows read meanwhile may lack what it builds
     * on.
     */
    public boolean isOvertaken(View view) {
        LearnerEntry entry = entries.get(view.key());
        long hiddenBefore = entry == null ? View.NOTHING : entry.hiddenBefore();
        return resets.get() != view.resets() || hiddenBefore != view.hiddenBefore();
    }

    /** Returns how many distinct keys are not yet in the table, in flight included. */
    public long pendingKeys() {
        return bounds.keys();
    }

    /** Returns the heap that they are charged with, in bytes. */
    public long pendingBytes() {
        return bounds.bytes();
    }

    /** Returns the bounds of both, as they are at the moment. */
    public BufferSettings bounds() {
        return bounds.most();
    }

    /** Returns how many writes were folded into one that waited already, and so never reach the table by themselves. */
    public long coalesced() {
        return coalesced.sum();
    }

    /**
     * Returns the receipt of the oldest write that waits for the next drain, microseconds since the epoch;
     * {@link Long#MAX_VALUE}: none does.
     */
    public long oldestWaiting() {
        return entries.oldestQueued();
    }

    /** Drops everything that may be dropped, now. */
    void cleanUp() {
        entries.cleanUp();
        snapshots.cleanUp();
    }

    /** Returns how many places in queues wait for a drain. */
    int queuedEntries() {
        return entries.queued() + entries.awaited();
    }

    long entryCount() {
        return entries.size();
    }

    private Charge add(
            List<CompletionWrite> writes,
            @Nullable FlushTicket ticket,
            @Nullable ChangeLog recordIn,
            @Nullable Receipts receipts) {
        return entries.change(LearnerCourse.of(writes.get(0).key()), entry -> {
            long firstReceivedAt = clock.reserve(writes.size());
            if (receipts != null) {
                receipts.add(firstReceivedAt, writes.size());
            }
            return entry.add(writes, firstReceivedAt, ticket, recordIn);
        });
    }

    private void change(LearnerCourse learnerCourse, Entries.Step step) {
        bounds.change(entries.changeIfPresent(learnerCourse, step));
    }

    /** Whether what is flushed now stays readable. */
    boolean keepsFlushed() {
        return retainNanos() > 0 && entries.kept() < MAX_RETAINED;
    }

    private void signalThreshold() {
        Threshold current = threshold;
        if (Math.max(bounds.dirty(), entries.queued()) >= current.dirtyKeys() && signalled.compareAndSet(false, true)) {
            current.action().run();
        }
    }

    /** Returns the place behind the writes of one learner and course that begin at that one. */
    static int endOfRun(List<CompletionWrite> writes, int from) {
        LearnerCourse first = LearnerCourse.of(writes.get(from).key());
        int to = from + 1;
        while (to < writes.size() && first.holds(writes.get(to).key())) {
            to++;
        }
        return to;
    }
}
