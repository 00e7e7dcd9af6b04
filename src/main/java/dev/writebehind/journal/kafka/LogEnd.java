package dev.writebehind.journal.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The question where the log ends, asked of the broker that leads it: by whoever comes while it is under way together,
 * once more, since what was acknowledged meanwhile must be in the answer. Safe for any thread.
 */
final class LogEnd {
    private final Admin admin;
    private final TopicPartition partition;
    private final ListOffsetsOptions options;
    private @Nullable CompletableFuture<Long> underWay;
    private @Nullable CompletableFuture<Long> next;

    /** @param patience after which a question fails */
    LogEnd(Admin admin, TopicPartition partition, Duration patience) {
        this.admin = admin;
        this.partition = partition;
        this.options =
                new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED).timeoutMs(Math.toIntExact(patience.toMillis()));
    }

    /** Completes with the offset behind everything that was acknowledged before the call. */
    synchronized CompletionStage<Long> ask() {
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

    private void ended(
            CompletableFuture<Long> question, @Nullable ListOffsetsResultInfo end, @Nullable Throwable failure) {
        synchronized (this) {
            underWay = null;
            CompletableFuture<Long> waiting = next;
            next = null;
            if (waiting != null) {
                begin(waiting);
            }
        }
        if (end == null) {
            question.completeExceptionally(failure == null ? new IllegalStateException("no answer") : failure);
        } else {
            question.complete(end.offset());
        }
    }
}
