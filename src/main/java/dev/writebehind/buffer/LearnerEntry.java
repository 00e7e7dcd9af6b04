package dev.writebehind.buffer;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.CourseReset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cells of one learner in one course, and the reset of that course that is still to be carried out. While a reset
 * stands, what waits was received after it; what is in flight was before it, or waits as well. Changed under its own
 * monitor, which readers take too, and where it begins or ceases to be pinned only within the cache's compute on its
 * key.
 */
final class LearnerEntry {
    private static final int USUAL_CELLS = 4;

    private final CourseKey course;
    private final Texts texts;
    private final Map<BlockKey, Cell> cells = new HashMap<>(USUAL_CELLS);
    private @Nullable StandingReset standing;
    private int unsettled;
    private int dirty;
    private int kept;
    private boolean queued;
    /** Whether somebody waits for what may be launched; not all of that need be. */
    private boolean awaited;

    private boolean queuedAsAwaited;

    LearnerEntry(CourseKey course, Texts texts) {
        this.course = course;
        this.texts = texts;
    }

    /** Applies writes received one microsecond after the other. */
    synchronized Charge add(
            List<CompletionWrite> writes, long firstReceivedAt, @Nullable FlushTicket ticket, @Nullable ChangeLog log) {
        int newKeys = 0;
        long newBytes = 0;
        int newDirty = 0;
        int newNonAscii = 0;
        long receivedAt = firstReceivedAt;
        for (CompletionWrite write : writes) {
            BlockKey block = write.key().block();
            Cell cell = cells.computeIfAbsent(block, absent -> new Cell());
            if (!cell.isUnsettled()) {
                newKeys++;
                newBytes += Charges.BYTES_PER_KEY + texts.hold(block);
                newNonAscii += Charges.nonAscii(course, block);
            }
            if (cell.pending == null) {
                newDirty++;
            }
            cell.add(CoalescedWrite.of(write, receivedAt++), ticket);
        }
        if (log != null) {
            record(writes, log);
        }
        awaited |= ticket != null;
        return count(Charge.of(newKeys, newBytes, newDirty, newNonAscii));
    }

    /** Has the runs written down that the writes became part of, each once, in the order of their first writes. */
    private void record(List<CompletionWrite> writes, ChangeLog log) {
        for (CompletionWrite write : writes) {
            Cell cell = cells.get(write.key().block());
            if (cell != null && cell.isUnrecorded()) {
                cell.record(log, standing != null);
            }
        }
    }

    private Charge appeared(BlockKey block) {
        return Charges.appeared(course, block, texts);
    }

    private Charge gone(BlockKey block) {
        return Charges.gone(course, block, texts);
    }

    /** Counts changes that appeared or are settled; the entry itself is charged while it holds any. */
    private Charge count(Charge charge) {
        boolean heldAny = unsettled > 0;
        unsettled += (int) charge.keys();
        dirty += (int) charge.dirty();
        boolean holdsAny = unsettled > 0;
        if (heldAny == holdsAny) {
            return charge;
        }
        return charge.withBytes(holdsAny ? Charges.entryAppeared(course, texts) : Charges.entryGone(course, texts));
    }

    /**
     * Undoes what waits and was received before the reset, and lets the reset stand in place of an earlier one. One
     * that undoes as much and more, and stands already, does for both.
     */
    synchronized Charge reset(CourseReset reset, @Nullable FlushTicket ticket, ChangeLog log) {
        StandingReset earlier = standing;
        if (earlier != null && earlier.reset.receivedAt() >= reset.receivedAt()) {
            if (ticket != null) {
                ticket.attach();
                earlier.tickets.add(ticket);
                awaited = true;
            }
            return Charge.NONE;
        }
        ChangeLog.Entry entry = log.append(reset, earlier == null ? null : earlier.entry);
        List<FlushTicket> tickets = new ArrayList<>();
        Charge charge = keepLater(reset, log).plus(undo(reset, log, tickets));
        if (earlier == null) {
            charge = charge.plus(Charges.resetAppeared(course));
        } else {
            tickets.addAll(earlier.tickets);
            charge = charge.plus(new Charge(0, 0, earlier.inFlight ? 1 : 0));
        }
        tickets.removeIf(FlushTicket::isOver);
        if (ticket != null) {
            ticket.attach();
            tickets.add(ticket);
        }
        standing = new StandingReset(reset, entry, tickets);
        awaited |= !tickets.isEmpty();
        return count(charge);
    }

    /**
     * Has what was received after the reset wait behind it: also what is in flight or was flushed, for the reset may
     * delete its row, whose time is an older one where the value was an equal one.
     */
    private Charge keepLater(CourseReset reset, ChangeLog log) {
        Charge charge = Charge.NONE;
        for (Map.Entry<BlockKey, Cell> each : cells.entrySet()) {
            Cell cell = each.getValue();
            CoalescedWrite left = cell.since(reset);
            if (left == null) {
                continue;
            }
            charge = charge.plus(cell.isUnsettled() ? Charge.NONE : appeared(each.getKey()))
                    .plus(new Charge(0, 0, cell.pending == null ? 1 : 0));
            cell.pending = left;
            cell.record(log, true);
        }
        return charge;
    }

    private Charge undo(CourseReset reset, ChangeLog log, List<FlushTicket> tickets) {
        Charge charge = Charge.NONE;
        for (Iterator<Map.Entry<BlockKey, Cell>> all = cells.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<BlockKey, Cell> each = all.next();
            Cell cell = each.getValue();
            if (cell.pending != null && !reset.undoes(cell.pending)) {
                kept -= cell.isKept() ? 1 : 0;
                cell.forgetFlushed();
                continue; // the reset came late, or, in a replay, was written down again
            }
            if (cell.pending != null) {
                Charge settled = cell.inFlight == null ? gone(each.getKey()) : Charge.NONE;
                charge = charge.plus(settled).plus(new Charge(0, 0, -1));
            }
            kept -= cell.isKept() ? 1 : 0;
            cell.undo(log, tickets);
            if (cell.isEmpty()) {
                all.remove();
            }
        }
        return charge;
    }

    /**
     * Takes over a run that the log holds from before the start, in the order in which it was written down: in place of
     * an older state, and not at all if a reset undoes it.
     */
    synchronized Charge restore(CoalescedWrite run, ChangeLog.Entry entry, ChangeLog log) {
        if (standing != null && standing.reset.undoes(run)) {
            log.release(entry);
            return Charge.NONE;
        }
        Cell present = cells.get(run.key().block());
        Cell cell = present == null ? new Cell() : present;
        cell.restore(run, entry, log);
        if (present != null) {
            return Charge.NONE;
        }
        cells.put(run.key().block(), cell);
        return count(appeared(run.key().block()).plus(new Charge(0, 0, 1)));
    }

    /** Takes over a reset that the log holds from before the start, with what it does to the runs before it. */
    synchronized Charge restore(CourseReset reset, ChangeLog.Entry entry, ChangeLog log) {
        StandingReset earlier = standing;
        if (earlier != null && earlier.reset.receivedAt() > reset.receivedAt()) {
            log.release(entry);
            return Charge.NONE;
        }
        cells.values().forEach(cell -> cell.begin(reset));
        Charge charge = undo(reset, log, new ArrayList<>());
        if (earlier == null) {
            charge = charge.plus(Charges.resetAppeared(course));
        } else {
            log.release(earlier.entry);
        }
        standing = new StandingReset(reset, entry, new ArrayList<>());
        return count(charge);
    }

    /** Has every unsettled run written down that is not yet, and that no reset undoes; a reset was when it came. */
    synchronized void record(ChangeLog log) {
        for (Cell cell : cells.values()) {
            if (cell.isUnrecorded()) {
                cell.record(log, standing != null);
            }
        }
    }

    /** Returns how many changes are neither settled nor durable in the log. */
    synchronized int atRisk(ChangeLog log) {
        int keys = standing != null && !log.isWritten(standing.entry) ? 1 : 0;
        for (Cell cell : cells.values()) {
            keys += cell.isAtRisk(log, standing != null) ? 1 : 0;
        }
        return keys;
    }

    /** Has everything unsettled written down once more whose entry the log would be rid of. */
    synchronized void renew(ChangeLog log) {
        if (standing != null) {
            standing.renew(log);
        }
        cells.values().forEach(cell -> cell.renew(log, standing != null));
    }

    /**
     * Moves into flight the reset or, where none stands, everything that waits, and forgets what was flushed up to that
     * time.
     *
     * @param there blocks that are known to have rows; those flushed a moment ago are not among them
     * @param present gets those of the writes whose rows are in the table, as far as is known
     */
    synchronized Charge launch(
            List<CourseReset> resets,
            List<CoalescedWrite> writes,
            Set<String> there,
            Set<CoalescedWrite> present,
            long forgetUpTo) {
        queued = false;
        awaited = false;
        int before = dirty;
        boolean launchWrites = standing == null;
        launchReset(resets);
        cells.values().removeIf(cell -> {
            CoalescedWrite write = launchWrites ? cell.launch() : null;
            if (write != null) {
                writes.add(write);
                dirty--;
                note(write, cell, there, present);
            }
            if (cell.forget(forgetUpTo)) {
                kept--;
            }
            return cell.isEmpty();
        });
        return new Charge(0, 0, dirty - before);
    }

    private static void note(CoalescedWrite write, Cell cell, Set<String> there, Set<CoalescedWrite> present) {
        if (cell.isKept() || there.contains(write.key().block().value())) {
            present.add(write);
        }
    }

    private void launchReset(List<CourseReset> resets) {
        if (standing != null && !standing.inFlight && cells.values().stream().noneMatch(Cell::isInFlight)) {
            standing.inFlight = true;
            resets.add(standing.reset);
            dirty--;
        }
    }

    /** Moves into flight what somebody waits for, or the reset before it; the entry stays queued for the next drain. */
    synchronized Charge launchAwaited(
            List<CourseReset> resets, List<CoalescedWrite> writes, Set<String> there, Set<CoalescedWrite> present) {
        queuedAsAwaited = false;
        awaited = false;
        int before = dirty;
        if (standing != null) {
            launchReset(resets);
            return new Charge(0, 0, dirty - before);
        }
        for (Cell cell : cells.values()) {
            CoalescedWrite write = cell.isAwaited() ? cell.launch() : null;
            if (write != null) {
                writes.add(write);
                dirty--;
                note(write, cell, there, present);
            }
        }
        return new Charge(0, 0, dirty - before);
    }

    /** Takes exactly this run out of flight as flushed, and keeps it readable if asked to. */
    synchronized Charge settle(CoalescedWrite write, boolean keep, long now, List<FlushTicket> tickets, ChangeLog log) {
        Cell cell = cells.get(write.key().block());
        if (cell == null || !cell.isInFlight(write)) {
            throw new IllegalStateException("the write is not in flight");
        }
        boolean keptBefore = cell.isKept();
        tickets.addAll(cell.settle(keep && standing == null, now, log));
        kept += (cell.isKept() ? 1 : 0) - (keptBefore ? 1 : 0);
        awaited |= standing == null ? cell.isAwaited() : !standing.tickets.isEmpty();
        return settled(cell, write);
    }

    /** Takes exactly this reset away as carried out, unless another one has taken its place. */
    synchronized Charge settle(CourseReset reset, List<FlushTicket> tickets, ChangeLog log) {
        StandingReset carriedOut = standing;
        if (carriedOut == null || !carriedOut.is(reset)) {
            return Charge.NONE;
        }
        log.release(carriedOut.entry);
        tickets.addAll(carriedOut.tickets);
        standing = null;
        awaited = true; // perhaps: what was received after it
        return count(Charges.resetGone(course));
    }

    /**
     * Takes exactly this run out of flight as not flushed: it waits again as the other, before whatever came after it,
     * or goes where a reset undoes it.
     */
    synchronized Charge release(CoalescedWrite write, CoalescedWrite as, ChangeLog log) {
        Cell cell = cells.get(write.key().block());
        if (cell == null || !cell.isInFlight(write)) {
            return Charge.NONE;
        }
        if (standing != null) {
            if (standing.reset.undoes(write)) {
                standing.tickets.addAll(cell.settle(false, 0, log));
            } else {
                cell.letGo(log);
            }
            awaited |= !standing.tickets.isEmpty();
            return settled(cell, write);
        }
        int newDirty = cell.pending == null ? 1 : 0;
        cell.release(as);
        awaited |= cell.isAwaited();
        dirty += newDirty;
        return new Charge(0, 0, newDirty);
    }

    /** Has exactly this reset written down once more, so that it stands behind what was written down before. */
    synchronized Charge writeAnew(CourseReset reset, ChangeLog log) {
        StandingReset renewed = standing;
        if (renewed != null && renewed.is(reset)) {
            renewed.entry = log.append(reset, renewed.entry);
        }
        return Charge.NONE;
    }

    /** Takes exactly this reset out of flight as not carried out. */
    synchronized Charge release(CourseReset reset) {
        StandingReset failed = standing;
        if (failed == null || !failed.is(reset) || !failed.inFlight) {
            return Charge.NONE;
        }
        failed.inFlight = false;
        awaited |= !failed.tickets.isEmpty();
        dirty++;
        return new Charge(0, 0, 1);
    }

    /** How a run is settled: whether it stays readable as flushed, and when that is, by the buffer's ticker. */
    record Settling(boolean keep, long now, ChangeLog log) {}

    /**
     * Takes note that another instance has brought into the table, or found that it can't be there, what was received
     * of the block up to then. What is in flight here is not touched: its own commit settles it.
     *
     * @param onCut called before less is left of a run: of rows read before nothing tells then what they lack
     */
    synchronized Charge settledElsewhere(
            BlockKey block, long upTo, Settling settling, List<FlushTicket> tickets, Runnable onCut) {
        Cell cell = cells.get(block);
        if (cell == null || !cell.waitsSince(upTo)) {
            return Charge.NONE;
        }
        if (cell.pending != null && cell.pending.receivedAt() > upTo) {
            onCut.run();
            tickets.addAll(cell.cut(upTo));
            return Charge.NONE;
        }
        dirty--;
        CoalescedWrite write = cell.launch();
        return write == null
                ? Charge.NONE
                : settle(write, settling.keep(), settling.now(), tickets, settling.log())
                        .plus(new Charge(0, 0, -1));
    }

    /** Takes note that another instance has carried out a reset of that time, unless a later one stands. */
    synchronized Charge resetElsewhere(long upTo, List<FlushTicket> tickets, ChangeLog log) {
        if (standing == null
                || standing.inFlight
                || standing.reset.receivedAt() > upTo
                || cells.values().stream().anyMatch(Cell::isInFlight)) {
            return Charge.NONE;
        }
        dirty--;
        return settle(standing.reset, tickets, log).plus(new Charge(0, 0, -1));
    }

    private Charge settled(Cell cell, CoalescedWrite write) {
        if (cell.isUnsettled()) {
            return Charge.NONE;
        }
        if (cell.isEmpty()) {
            cells.remove(write.key().block());
        }
        return count(gone(write.key().block()));
    }

    /** Whether the entry has to be queued for the next drain; if so, it counts as queued from now on. */
    synchronized boolean mustQueue() {
        boolean launches = standing == null ? dirty > 0 : !standing.inFlight;
        boolean must = launches && !queued;
        queued |= must;
        return must;
    }

    /** Whether the entry has to be queued for those who wait; if so, it counts as queued from now on. */
    synchronized boolean mustQueueAsAwaited() {
        boolean must = awaited && !queuedAsAwaited;
        awaited = false;
        queuedAsAwaited |= must;
        return must;
    }

    /** No drain comes by any more: it counts as not queued. */
    synchronized void leaveQueues() {
        queued = false;
        awaited |= queuedAsAwaited;
        queuedAsAwaited = false;
    }

    /** Whether somebody waits for what may be launched. */
    synchronized boolean isAwaited() {
        return awaited;
    }

    /**
     * Appends what a reader must lay over the rows: first what was flushed, then what was not, oldest first. Returns
     * the time before which rows are to be left out.
     */
    synchronized long overlay(List<CoalescedWrite> flushed, List<CoalescedWrite> pending) {
        if (standing == null) {
            cells.values().forEach(cell -> cell.overlay(flushed, pending));
            return View.NOTHING;
        }
        for (Cell cell : cells.values()) {
            if (cell.pending != null) {
                pending.add(cell.pending);
            }
        }
        return hiddenBefore();
    }

    /** Returns the time before which rows are to be left out, because a reset will delete them. */
    synchronized long hiddenBefore() {
        return standing == null ? View.NOTHING : standing.reset.receivedAt();
    }

    /** Returns when the first of the writes that wait was received, microseconds; none does: the greatest. */
    synchronized long oldestPending() {
        long oldest = Long.MAX_VALUE;
        for (Cell cell : cells.values()) {
            if (cell.pending != null) {
                oldest = Math.min(oldest, cell.pending.createdAt());
            }
        }
        return oldest;
    }

    /** Returns the receipt of the oldest change here that is not in the table, microseconds; none is: the greatest. */
    synchronized long oldestUnsettled() {
        long oldest = standing == null ? Long.MAX_VALUE : standing.reset.receivedAt();
        for (Cell cell : cells.values()) {
            oldest = Math.min(oldest, cell.oldestUnsettled());
        }
        return oldest;
    }

    /** Returns the blocks of which something waits that was received up to then. */
    synchronized List<BlockKey> waitingSince(long upTo) {
        return cells.entrySet().stream()
                .filter(cell -> cell.getValue().waitsSince(upTo))
                .map(Map.Entry::getKey)
                .toList();
    }

    synchronized boolean holdsUnsettled(BlockKey block) {
        Cell cell = cells.get(block);
        return cell != null && cell.isUnsettled();
    }

    /** Returns the reset that is still to be carried out; null: there is none. Asked under the monitor. */
    @Nullable
    CourseReset standing() {
        return standing == null ? null : standing.reset;
    }

    /** Whether a reset would take no more room than what it undoes or replaces. */
    synchronized boolean hasRoomForReset() {
        return standing != null || dirty > 0;
    }

    /** Whether anything here is not yet in the table. */
    synchronized boolean isPinned() {
        return unsettled > 0;
    }

    /** Whether, once one change is settled, another is not yet. */
    synchronized boolean staysPinned() {
        return unsettled > 1;
    }

    /** Returns how many keys have a flushed run that is kept readable. */
    synchronized int kept() {
        return kept;
    }

    synchronized boolean isEmpty() {
        return cells.isEmpty() && standing == null;
    }
}
