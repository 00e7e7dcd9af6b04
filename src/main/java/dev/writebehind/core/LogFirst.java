package dev.writebehind.core;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.FlushTicket;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.Receipts;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.LogRecord.Reset;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.journal.ReplicatedLog;
import dev.writebehind.journal.Told;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The acceptance that appends changes to a replicated log, which orders and stamps them, and folds them into the buffer
 * only when they come back from it, as every other instance does. Safe for any thread; the buffer is filled on the
 * log's.
 */
final class LogFirst implements Acceptance {
    private final ReplicatedLog log;
    private final CompletionBuffer buffer;
    private final Consumer<Told> told;
    private final AtomicLong requests = new AtomicLong();
    /** The tickets of requests on their way through the log. */
    private final ConcurrentMap<Long, FlushTicket> tickets = new ConcurrentHashMap<>();
    /** What their callers are to be told of when they were received. */
    private final ConcurrentMap<Long, Receipts> asked = new ConcurrentHashMap<>();

    /**
     * Creates it.
     *
     * @param buffer empty, and made for changes that are durable already
     * @param told is handed what instances tell each other, at its place among the changes, on the log's thread
     */
    LogFirst(ReplicatedLog log, CompletionBuffer buffer, Consumer<Told> told) {
        this.log = log;
        this.buffer = buffer;
        this.told = told;
    }

    /** Begins to follow the log. */
    void begin() {
        log.follow(this::apply);
    }

    @Override
    public JournalState state() {
        return log.state();
    }

    /**
     * {@inheritDoc} What is on its way through the log is not counted yet: by so much the bounds may be exceeded. Only
     * the log knows receipt times: who asks for them is acknowledged by the journal at least.
     */
    @Override
    public Offer take(List<CompletionWrite> writes, Acknowledgement wanted, @Nullable Receipts receipts) {
        if (!log.hasRoom(writes.size())) {
            return Offer.Refused.LOG_BEHIND;
        }
        return buffer.hasRoomFor(writes)
                ? append(new Writes(writes), receipts == null ? wanted : atLeastJournal(wanted), receipts)
                : Offer.Refused.BUFFER_FULL;
    }

    @Override
    public Offer reset(LearnerCourse learnerCourse, long before, Acknowledgement wanted) {
        if (!log.hasRoom(1)) {
            return Offer.Refused.LOG_BEHIND;
        }
        return buffer.hasRoomForReset(learnerCourse)
                ? append(new Reset(learnerCourse, before), atLeastJournal(wanted), null)
                : Offer.Refused.BUFFER_FULL;
    }

    @Override
    public CompletionStage<Void> caughtUp() {
        return log.caughtUp();
    }

    @Override
    public long appliedUpTo() {
        return log.appliedUpTo();
    }

    private static Acknowledgement atLeastJournal(Acknowledgement wanted) {
        return wanted == Acknowledgement.MEMORY ? Acknowledgement.JOURNAL : wanted;
    }

    private Offer append(LogRecord.Content content, Acknowledgement wanted, @Nullable Receipts receipts) {
        long request = requests.getAndIncrement();
        FlushTicket ticket = wanted == Acknowledgement.DATABASE ? new FlushTicket() : null;
        if (ticket != null) {
            tickets.put(request, ticket);
            // Nobody waits any more: also where the record never comes back.
            ticket.flushed().whenComplete((flushed, failure) -> tickets.remove(request));
        }
        if (receipts != null) {
            asked.put(request, receipts);
        }
        CompletionStage<Void> appended = log.append(request, content);
        CompletionStage<Void> durable = receipts == null ? appended : known(request, receipts, appended);
        return wanted == Acknowledgement.MEMORY
                ? new Offer.InMemory(content.changes())
                : Offer.of(content.changes(), durable, ticket);
    }

    private CompletionStage<Void> known(long request, Receipts receipts, CompletionStage<Void> appended) {
        CompletableFuture<Void> both = new CompletableFuture<>();
        appended.whenComplete((done, failure) -> {
            if (failure == null) {
                receipts.known().thenAccept(both::complete);
            } else {
                asked.remove(request); // the record may never come back
                both.completeExceptionally(failure);
            }
        });
        return both;
    }

    private void apply(LogRecord logged) {
        if (logged.content() instanceof Told content) {
            told.accept(content);
            return;
        }
        @Nullable FlushTicket ticket = logged.isOwn() ? tickets.remove(logged.request()) : null;
        @Nullable Receipts receipts = logged.isOwn() ? asked.remove(logged.request()) : null;
        if (logged.content() instanceof Writes content) {
            if (receipts != null) {
                receipts.add(logged.firstStamp(), content.changes());
            }
            buffer.followedLog().apply(content.writes(), logged.firstStamp(), ticket);
        } else if (logged.content() instanceof Reset content) {
            buffer.followedLog()
                    .apply(
                            new CourseReset(content.learnerCourse(), Math.min(content.before(), logged.firstStamp())),
                            ticket);
        }
    }
}
