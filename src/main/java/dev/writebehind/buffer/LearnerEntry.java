package dev.writebehind.buffer;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.RunLog;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cells of one learner in one course. Changed only within the cache's compute on its key, and under its own
 * monitor, which readers take too.
 */
final class LearnerEntry {
    private static final int USUAL_CELLS = 4;

    private final Map<BlockKey, Cell> cells = new HashMap<>(USUAL_CELLS);
    private int unsettled;
    private int dirty;
    private int kept;
    private boolean queued;

    /** Applies writes received one microsecond after the other. */
    synchronized Charge add(
            List<CompletionWrite> writes, long firstReceivedAt, @Nullable FlushTicket ticket, @Nullable RunLog log) {
        Set<Cell> touched = new LinkedHashSet<>();
        int newKeys = 0;
        int newDirty = 0;
        long newBytes = 0;
        long receivedAt = firstReceivedAt;
        for (CompletionWrite write : writes) {
            Cell cell = cells.computeIfAbsent(
                    write.key().block(), block -> new Cell(write.key().estimatedBytes()));
            if (!cell.isUnsettled()) {
                newKeys++;
                newBytes += cell.bytes;
            }
            if (cell.pending == null) {
                newDirty++;
            }
            cell.add(CoalescedWrite.of(write, receivedAt++), ticket);
            touched.add(cell);
        }
        if (log != null) {
            touched.forEach(cell -> cell.record(log));
        }
        unsettled += newKeys;
        dirty += newDirty;
        return new Charge(newKeys, newBytes, newDirty);
    }

    /** Takes over a run that the log holds from before the start. */
    synchronized Charge restore(CoalescedWrite run, RunLog.Entry entry) {
        Cell cell = new Cell(run.key().estimatedBytes());
        cell.restore(run, entry);
        cells.put(run.key().block(), cell);
        unsettled++;
        dirty++;
        return new Charge(1, cell.bytes, 1);
    }

    /** Has every unsettled run written down. */
    synchronized void record(RunLog log) {
        cells.values().forEach(cell -> cell.record(log));
    }

    /** Has every unsettled run written down once more whose entry the log would be rid of. */
    synchronized void renew(RunLog log) {
        cells.values().forEach(cell -> cell.renew(log));
    }

    /** Moves everything that waits into flight, and forgets what was flushed up to that time. */
    synchronized Charge launch(List<CoalescedWrite> launched, long forgetUpTo) {
        queued = false;
        int before = dirty;
        cells.values().removeIf(cell -> {
            CoalescedWrite write = cell.launch();
            if (write != null) {
                launched.add(write);
                dirty--;
            }
            if (cell.forget(forgetUpTo)) {
                kept--;
            }
            return cell.isEmpty();
        });
        return new Charge(0, 0, dirty - before);
    }

    /** Takes exactly this run out of flight as flushed, and keeps it readable if asked to. */
    synchronized Charge settle(CoalescedWrite write, boolean keep, long now, List<FlushTicket> tickets, RunLog log) {
        Cell cell = cells.get(write.key().block());
        if (cell == null || !cell.isInFlight(write)) {
            throw new IllegalStateException("the write is not in flight");
        }
        boolean keptBefore = cell.isKept();
        tickets.addAll(cell.settle(keep, now, log));
        kept += (cell.isKept() ? 1 : 0) - (keptBefore ? 1 : 0);
        if (cell.isUnsettled()) {
            return Charge.NONE;
        }
        unsettled--;
        if (cell.isEmpty()) {
            cells.remove(write.key().block());
        }
        return new Charge(-1, -cell.bytes, 0);
    }

    /** Takes exactly this run out of flight as not flushed: it waits again, before whatever came after it. */
    synchronized Charge release(CoalescedWrite write) {
        Cell cell = cells.get(write.key().block());
        if (cell == null || !cell.isInFlight(write)) {
            return Charge.NONE;
        }
        int newDirty = cell.pending == null ? 1 : 0;
        cell.release();
        dirty += newDirty;
        return new Charge(0, 0, newDirty);
    }

    /** Whether the entry has to be queued for the next drain; if so, it counts as queued from now on. */
    synchronized boolean mustQueue() {
        boolean must = dirty > 0 && !queued;
        queued |= must;
        return must;
    }

    /** Appends what a reader must lay over the rows: first what was flushed, then what was not, oldest first. */
    synchronized void overlay(List<CoalescedWrite> flushed, List<CoalescedWrite> pending) {
        cells.values().forEach(cell -> cell.overlay(flushed, pending));
    }

    synchronized boolean holdsUnsettled(BlockKey block) {
        Cell cell = cells.get(block);
        return cell != null && cell.isUnsettled();
    }

    /** Whether anything here is not yet in the table. */
    synchronized boolean isPinned() {
        return unsettled > 0;
    }

    /** Returns how many keys have a flushed run that is kept readable. */
    synchronized int kept() {
        return kept;
    }

    synchronized int size() {
        return cells.size();
    }
}
