package dev.writebehind.buffer;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A log that several instances share, as it comes into a buffer: changes in their order, and what others tell of the
 * table. For the one thread that follows the log; {@link #oldestUnsettled} for any.
 */
public final class FollowedLog {
    private final CompletionBuffer buffer;
    private final Parts parts;
    private final ReceiptClock clock;
    private final ChangeLog log;
    private final Ticker ticker;

    FollowedLog(CompletionBuffer buffer, Parts parts, ReceiptClock clock, ChangeLog log, Ticker ticker) {
        this.buffer = buffer;
        this.parts = parts;
        this.clock = clock;
        this.log = log;
        this.ticker = ticker;
    }

    /** What the buffer is made of, as far as a log changes it. */
    record Parts(Bounds bounds, Entries entries, RowSnapshots snapshots, AtomicLong resets, LongAdder coalesced) {}

    /**
     * Takes writes that have their order and their receipt times from the log, whatever the bounds. In the order of
     * these times, and never beside {@link CompletionBuffer#offer}.
     *
     * @param firstStamp the first one's receipt time, microseconds since the epoch, UTC; the others follow a
     *     microsecond apart
     * @param ticket completes once all are in the table; null: nobody waits
     */
    public void apply(List<CompletionWrite> writes, long firstStamp, @Nullable FlushTicket ticket) {
        clock.continueAfter(firstStamp + writes.size() - 1);
        for (int from = 0; from < writes.size(); ) {
            int to = CompletionBuffer.endOfRun(writes, from);
            List<CompletionWrite> run = writes.subList(from, to);
            long stamp = firstStamp + from;
            Charge charge = parts.entries()
                    .change(LearnerCourse.of(run.get(0).key()), entry -> entry.add(run, stamp, ticket, log));
            parts.bounds().change(charge);
            parts.coalesced().add(run.size() - charge.dirty());
            from = to;
        }
        buffer.applied(ticket);
    }

    /** Takes a reset as {@link #apply(List, long, FlushTicket)} takes writes. */
    public void apply(CourseReset reset, @Nullable FlushTicket ticket) {
        clock.continueAfter(reset.receivedAt());
        parts.bounds().change(parts.entries().change(reset.learnerCourse(), entry -> entry.reset(reset, ticket, log)));
        parts.snapshots().forget(reset.learnerCourse());
        buffer.applied(ticket);
    }

    /** Begins to wait for what others tell of the table: nothing is to be drained, until {@link #lead}. */
    public void follow() {
        parts.entries().follow();
    }

    /** Ends the waiting: what is there waits for the next drain. Not beside {@link #follow}. */
    public void lead() {
        parts.entries().lead();
        buffer.tellOfWhatWaits();
    }

    /**
     * Takes note that another instance has brought into the table what was received of a key up to then. What this
     * instance has in flight itself is left alone.
     */
    public void flushed(CompletionKey key, long upTo) {
        boolean keep = buffer.keepsFlushed();
        settle(key, upTo, keep).forEach(FlushTicket::settle);
    }

    /** As {@link #flushed}, where the database refused it and it is kept elsewhere now. */
    public void buried(CompletionKey key, long upTo, RefusedByDatabaseException refusal) {
        settle(key, upTo, false).forEach(ticket -> ticket.refuse(refusal));
    }

    private List<FlushTicket> settle(CompletionKey key, long upTo, boolean keep) {
        LearnerCourse learnerCourse = LearnerCourse.of(key);
        if (!keep) {
            parts.snapshots().forget(learnerCourse);
        }
        LearnerEntry.Settling settling = new LearnerEntry.Settling(keep, ticker.read(), log);
        List<FlushTicket> tickets = new ArrayList<>();
        change(
                learnerCourse,
                entry -> entry.settledElsewhere(
                        key.block(),
                        upTo,
                        settling,
                        tickets,
                        () -> parts.snapshots().forget(learnerCourse)));
        return tickets;
    }

    /** Takes note that another instance has carried out that reset, as {@link #flushed} does of writes. */
    public void carriedOut(CourseReset reset) {
        parts.resets().incrementAndGet();
        parts.snapshots().forget(reset.learnerCourse());
        List<FlushTicket> tickets = new ArrayList<>();
        change(reset.learnerCourse(), entry -> entry.resetElsewhere(reset.receivedAt(), tickets, log));
        tickets.forEach(FlushTicket::settle);
    }

    /**
     * Takes note that all that was received up to then is in the table, whoever brought it there: what nothing else
     * told of. Visits all.
     */
    public void allFlushed(long upTo) {
        for (LearnerCourse learnerCourse : parts.entries().keys()) {
            LearnerEntry entry = parts.entries().get(learnerCourse);
            if (entry != null && entry.oldestUnsettled() <= upTo) {
                if (entry.hiddenBefore() != View.NOTHING) {
                    carriedOut(new CourseReset(learnerCourse, upTo));
                }
                for (BlockKey block : entry.waitingSince(upTo)) {
                    flushed(new CompletionKey(learnerCourse.userId(), learnerCourse.course(), block), upTo);
                }
            }
        }
    }

    /**
     * Returns the receipt of the oldest change that is not in the table, in flight or not, microseconds since the
     * epoch; {@link Long#MAX_VALUE}: all are. Of what is applied meanwhile, nothing need be counted. Visits all.
     */
    public long oldestUnsettled() {
        AtomicLong oldest = new AtomicLong(Long.MAX_VALUE);
        parts.entries().forEach(entry -> oldest.accumulateAndGet(entry.oldestUnsettled(), Math::min));
        return oldest.get();
    }

    private void change(LearnerCourse learnerCourse, Entries.Step step) {
        parts.bounds().change(parts.entries().changeIfPresent(learnerCourse, step));
    }
}
