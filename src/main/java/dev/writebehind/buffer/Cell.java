package dev.writebehind.buffer;

import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One key in the buffer: at most one run that waits, one in flight and one flushed a moment ago, received in the
 * reverse order. Guarded by the {@link LearnerEntry} that holds it.
 */
final class Cell {
    /** Whether the unsettled run is not written down as it is now. */
    private boolean unrecorded;

    @Nullable
    CoalescedWrite pending;

    @Nullable
    CoalescedWrite inFlight;

    private @Nullable Settled settled;

    /** Where the run in flight, and whatever waits behind it, were last written down; null: not at all. */
    private ChangeLog.@Nullable Entry inFlightEntry;

    private ChangeLog.@Nullable Entry pendingEntry;
    /** Few keys have any, so that the others need no room for them. */
    private @Nullable Tickets tickets;

    /** A run that was flushed at that time, by the buffer's ticker. */
    private record Settled(CoalescedWrite run, long at) {}

    boolean isEmpty() {
        return pending == null && inFlight == null && settled == null;
    }

    boolean isUnsettled() {
        return pending != null || inFlight != null;
    }

    boolean isInFlight() {
        return inFlight != null;
    }

    /** Whether exactly this run is in flight: an equal one would be another promise. */
    @SuppressWarnings("ReferenceEquality")
    boolean isInFlight(CoalescedWrite write) {
        return inFlight == write;
    }

    /** Whether somebody waits for what waits. */
    boolean isAwaited() {
        return tickets != null && tickets.arePending();
    }

    void add(CoalescedWrite write, @Nullable FlushTicket ticket) {
        pending = pending == null ? write : pending.then(write);
        unrecorded = true;
        if (ticket != null) {
            tickets = tickets == null ? new Tickets() : tickets;
            tickets.attach(ticket, write.receivedAt());
        }
    }

    /**
     * Has the whole unsettled run written down.
     *
     * @param behindReset whether a reset stands: it undoes what is in flight, and only that
     */
    void record(ChangeLog log, boolean behindReset) {
        CoalescedWrite flying = behindReset ? null : inFlight;
        CoalescedWrite waiting = pending;
        if (waiting != null) {
            CoalescedWrite run = flying == null ? waiting : flying.then(waiting);
            pendingEntry = log.append(run, newestEntry(behindReset));
        } else if (flying != null) {
            inFlightEntry = log.append(flying, inFlightEntry);
        }
        unrecorded = false;
    }

    /** Whether something unsettled is not written down as it is now. */
    boolean isUnrecorded() {
        return unrecorded && isUnsettled();
    }

    /** Whether something unsettled that no reset undoes is not durable as it is now. */
    boolean isAtRisk(ChangeLog log, boolean behindReset) {
        if (pending == null && (behindReset || inFlight == null)) {
            return false;
        }
        ChangeLog.Entry newest = newestEntry(behindReset);
        return unrecorded || newest == null || !log.isWritten(newest);
    }

    /** Drops what waits, because a reset undoes it that is in the log already, and what was flushed. */
    void undo(ChangeLog log, List<FlushTicket> undone) {
        pending = null;
        settled = null;
        if (pendingEntry != null) {
            log.release(pendingEntry);
            pendingEntry = null;
        }
        if (tickets != null) {
            undone.addAll(tickets.takePending());
        }
    }

    /** Returns what a reset leaves of what is known here, flushed or not; null: nothing. */
    @Nullable
    CoalescedWrite since(CourseReset reset) {
        CoalescedWrite left = settled == null ? null : since(reset, null, settled.run());
        return since(reset, since(reset, left, inFlight), pending);
    }

    private static @Nullable CoalescedWrite since(
            CourseReset reset, @Nullable CoalescedWrite before, @Nullable CoalescedWrite run) {
        if (run == null || reset.undoes(run)) {
            return before;
        }
        CoalescedWrite left = run.since(reset);
        // What waits holds what is in flight already where a reset that came late had it written anew.
        return before == null || before.receivedAt() >= left.createdAt() ? left : before.then(left);
    }

    /** Has what waits begin after a reset that came while it was received, if one did. */
    void begin(CourseReset reset) {
        if (pending != null && !reset.undoes(pending)) {
            pending = pending.since(reset);
        }
    }

    /** Takes the run out of flight as not flushed; whoever waits for it waits for what waits, of which it is a part. */
    void letGo(ChangeLog log) {
        if (tickets != null) {
            tickets.release();
        }
        settle(false, 0, log);
    }

    /** Forgets the flushed run. */
    void forgetFlushed() {
        settled = null;
    }

    /** Takes over a run that the log holds from before the start, in place of an older state of it. */
    void restore(CoalescedWrite run, ChangeLog.Entry entry, ChangeLog log) {
        if (pendingEntry != null) {
            log.release(pendingEntry);
        }
        pending = run;
        pendingEntry = entry;
    }

    /** Has the unsettled run written down once more if the log would be rid of its entry. */
    void renew(ChangeLog log, boolean behindReset) {
        ChangeLog.Entry newest = newestEntry(behindReset);
        if (isUnsettled() && newest != null && log.isOutdated(newest)) {
            record(log, behindReset);
        }
    }

    private ChangeLog.@Nullable Entry newestEntry(boolean behindReset) {
        return pendingEntry == null && !behindReset ? inFlightEntry : pendingEntry;
    }

    /** Moves what waits into flight and returns it; null where nothing waits or a run is in flight already. */
    @Nullable
    CoalescedWrite launch() {
        if (pending == null || inFlight != null) {
            return null;
        }
        inFlight = pending;
        pending = null;
        if (tickets != null) {
            tickets.launch();
        }
        inFlightEntry = pendingEntry;
        pendingEntry = null;
        return inFlight;
    }

    /** Takes the run out of flight as flushed, and keeps it readable if asked to. Returns its tickets. */
    List<FlushTicket> settle(boolean keep, long now, ChangeLog log) {
        if (inFlightEntry != null) {
            log.release(inFlightEntry);
            inFlightEntry = null;
        }
        CoalescedWrite run = inFlight;
        if (!keep || run == null) {
            settled = null;
        } else {
            // Not in place of the older one: rows read before it need both.
            settled = new Settled(settled == null ? run : settled.run().then(run), now);
        }
        inFlight = null;
        Tickets waiting = tickets;
        if (waiting == null) {
            return List.of();
        }
        List<FlushTicket> served = waiting.takeInFlight();
        if (waiting.isEmpty()) {
            tickets = null;
        }
        return served;
    }

    /** Whether a flushed run is kept readable. */
    boolean isKept() {
        return settled != null;
    }

    /** Forgets the flushed run if it was flushed up to that time. Returns whether it did. */
    boolean forget(long settledUpTo) {
        boolean forgotten = settled != null && settled.at() - settledUpTo <= 0;
        if (forgotten) {
            settled = null;
        }
        return forgotten;
    }

    /** Takes the run out of flight as not flushed: it waits again as that, before what came after it. */
    void release(CoalescedWrite older) {
        pending = pending == null ? older : older.then(pending);
        inFlight = null;
        if (pendingEntry == null) {
            pendingEntry = inFlightEntry;
        }
        inFlightEntry = null;
        if (tickets != null) {
            tickets.release();
        }
    }

    void overlay(List<CoalescedWrite> flushed, List<CoalescedWrite> notFlushed) {
        if (settled != null) {
            flushed.add(settled.run());
        }
        if (inFlight != null) {
            notFlushed.add(inFlight);
        }
        if (pending != null) {
            notFlushed.add(pending);
        }
    }

    /** Returns the receipt of the first write that is not in the table, microseconds; all are: the greatest. */
    long oldestUnsettled() {
        CoalescedWrite oldest = inFlight == null ? pending : inFlight;
        return oldest == null ? Long.MAX_VALUE : oldest.createdAt();
    }

    /** Whether something that was received up to then waits here, and nothing is in flight. */
    boolean waitsSince(long upTo) {
        return pending != null && inFlight == null && pending.createdAt() <= upTo;
    }

    /**
     * Leaves of what waits what was received after that time. Returns the tickets of the rest.
     *
     * @param upTo before the last write that waits
     */
    List<FlushTicket> cut(long upTo) {
        if (pending != null) {
            pending = pending.after(upTo);
        }
        return tickets == null ? List.of() : tickets.takePending(upTo);
    }
}
