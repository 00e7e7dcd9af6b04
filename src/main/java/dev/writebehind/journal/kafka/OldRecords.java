package dev.writebehind.journal.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deletion of records that no new instance needs any more: some time later, since who follows may lag behind, and
 * never beyond what the group is known to keep. Safe for any thread.
 */
final class OldRecords {
    static final Duration BETWEEN_DELETIONS = Duration.ofMinutes(5);

    private static final Logger log = LoggerFactory.getLogger(OldRecords.class);

    /** So many places are remembered of the time for which records are kept. */
    private static final int REMEMBERED = 20;

    private final Admin admin;
    private final TopicPartition partition;
    private final String group;
    private final Duration keepFor;
    private final LongSupplier nanos;
    private final Deque<Unneeded> unneeded = new ArrayDeque<>();
    private long deletable;
    private long deleted;
    private long nextDeletion;

    private record Unneeded(long before, long since) {}

    /** @param keepFor how long a record is left there that nobody needs */
    OldRecords(Admin admin, TopicPartition partition, String group, Duration keepFor, LongSupplier nanos) {
        this.admin = admin;
        this.partition = partition;
        this.group = group;
        this.keepFor = keepFor;
        this.nanos = nanos;
        this.nextDeletion = nanos.getAsLong();
    }

    /** Takes note that nobody needs what is before the place, and deletes what nobody has needed for long. */
    synchronized void unneededBefore(Place place) {
        long now = nanos.getAsLong();
        Unneeded last = unneeded.peekLast();
        if (last == null || now - last.since() >= keepFor.toNanos() / REMEMBERED) {
            unneeded.add(new Unneeded(place.offset(), now));
        }
        while (!unneeded.isEmpty() && now - unneeded.peek().since() >= keepFor.toNanos()) {
            deletable = Math.max(deletable, unneeded.remove().before());
        }
        if (deletable > deleted && now - nextDeletion >= 0) {
            nextDeletion = now + BETWEEN_DELETIONS.toNanos();
            deleteBefore(deletable);
        }
    }

    private void deleteBefore(long offset) {
        admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .toCompletionStage()
                .thenCompose(kept -> deleteBefore(offset, kept.get(partition)))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        log.debug("Records that nobody needs are not deleted", failure);
                    }
                });
    }

    private CompletionStage<Void> deleteBefore(long offset, @Nullable OffsetAndMetadata kept) {
        if (kept == null) {
            return CompletableFuture.failedStage(new IllegalStateException("the group keeps no place"));
        }
        long before = Math.min(offset, kept.offset());
        return admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)))
                .all()
                .toCompletionStage()
                .thenAccept(done -> deletedBefore(before));
    }

    private synchronized void deletedBefore(long offset) {
        deleted = Math.max(deleted, offset);
    }
}
