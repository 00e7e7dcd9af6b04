package dev.writebehind.journal.kafka;

import dev.writebehind.journal.JournalUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The question where the log ends, asked of the broker that leads it: by whoever comes while it is under way together,
 * once more, since what was acknowledged meanwhile must be in the answer. While none comes it is asked on, and whoever
 * asks is told so at once. Safe for any thread.
 */
final class LogEnd implements AutoCloseable {
    /** Longest wait of whoever is the first to find that no answer comes. */
    static final Duration LONGEST = Duration.ofSeconds(2);

    private static final Logger log = LoggerFactory.getLogger(LogEnd.class);
    private static final Executor LATER = CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS);

    private final Admin admin;
    private final TopicPartition partition;
    private final ListOffsetsOptions options;
    private @Nullable CompletableFuture<Long> underWay;
    private @Nullable CompletableFuture<Long> next;
    /** Why no answer comes; null: one does. */
    private @Nullable JournalUnavailableException away;

    private boolean isClosed;

    /** @param patience after which a question fails, at the latest */
    LogEnd(Admin admin, TopicPartition partition, Duration patience) {
        this.admin = admin;
        this.partition = partition;
        long millis = Math.min(patience.toMillis(), LONGEST.toMillis());
        this.options = new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED).timeoutMs(Math.toIntExact(millis));
    }

    /** Completes with the offset behind everything that was acknowledged before the call. */
    synchronized CompletionStage<Long> ask() {
        if (away != null) {
            return CompletableFuture.failedStage(away);
        }
        if (underWay == null) {
            CompletableFuture<Long> first = new CompletableFuture<>();
            begin(first);
            return first;
        }
        CompletableFuture<Long> waiting = next == null ? new CompletableFuture<>() : next;
        next = waiting;
        return waiting;
    }

    private void begin(CompletableFuture<Long> question) {
        underWay = question;
        admin.listOffsets(Map.of(partition, OffsetSpec.latest()), options)
                .partitionResult(partition)
                .toCompletionStage()
                .whenComplete((end, failure) -> ended(question, end, failure));
    }

    private synchronized void askOn() {
        if (!isClosed) {
            begin(new CompletableFuture<>());
        }
    }

    private void ended(
            CompletableFuture<Long> question, @Nullable ListOffsetsResultInfo end, @Nullable Throwable failure) {
        if (end != null) {
            answered();
            question.complete(end.offset());
            return;
        }
        JournalUnavailableException why = new JournalUnavailableException(
                "the log does not tell its end: " + (failure == null ? "no answer" : failure.getMessage()));
        CompletableFuture<Long> waiting = unanswered(why);
        question.completeExceptionally(why);
        if (waiting != null) {
            waiting.completeExceptionally(why);
        }
    }

    /** Takes note that brokers answer, so that whoever asks now waits for their word again. */
    synchronized void reachable() {
        if (away != null) {
            away = null;
            log.info("The log tells its end again: reads are of all that was acknowledged");
        }
    }

    private synchronized void answered() {
        reachable();
        underWay = null;
        CompletableFuture<Long> waiting = next;
        next = null;
        if (waiting != null) {
            begin(waiting);
        }
    }

    private synchronized @Nullable CompletableFuture<Long> unanswered(JournalUnavailableException why) {
        if (away == null && !isClosed) {
            log.warn("Reads are of what is known until now, and say so: {}", why.getMessage());
        }
        away = why;
        underWay = null;
        CompletableFuture<Long> waiting = next;
        next = null;
        if (!isClosed) {
            LATER.execute(this::askOn);
        }
        return waiting;
    }

    /** Asks no more. */
    @Override
    public synchronized void close() {
        isClosed = true;
    }
}
