package dev.writebehind.journal.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The place that the group keeps, committed by its one owner: the newest that was offered, or what a predecessor kept.
 * Confined to the election's thread, but for {@link #offer}.
 */
final class GroupPlace {
    /** Kept where nothing was kept yet: a place of which nothing is known. */
    private static final OffsetAndMetadata NOWHERE = new OffsetAndMetadata(0, "");

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private volatile @Nullable OffsetAndMetadata offered;
    private @Nullable OffsetAndMetadata kept;

    GroupPlace(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
        this.consumer = consumer;
        this.partition = partition;
    }

    /** Takes it to be the newest. Safe for any thread. */
    void offer(long offset, String metadata) {
        offered = new OffsetAndMetadata(offset, metadata);
    }

    /** Whether something was offered that the group does not have. */
    boolean isNewer() {
        OffsetAndMetadata newest = offered;
        return newest != null && !newest.equals(kept);
    }

    /** Forgets all, since another may own it, or will. */
    void forget() {
        offered = null;
        kept = null;
    }

    /** Commits it, whether or not it is new; fails as the consumer does. Blocks for twice that time at most. */
    void commit(Duration within) {
        OffsetAndMetadata place = offered;
        if (place == null) {
            place = kept == null ? ofPredecessor(within) : kept;
        }
        consumer.commitSync(Map.of(partition, place), within);
        kept = place;
    }

    private OffsetAndMetadata ofPredecessor(Duration within) {
        OffsetAndMetadata place = consumer.committed(Set.of(partition), within).get(partition);
        return place == null ? NOWHERE : place;
    }

    /** Whether nothing is known of the place that a group keeps but that an instance was elected. */
    static boolean isNowhere(OffsetAndMetadata kept) {
        return kept.offset() == 0 && kept.metadata().isEmpty();
    }
}
