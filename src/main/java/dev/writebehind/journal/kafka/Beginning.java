package dev.writebehind.journal.kafka;

import dev.writebehind.journal.UnusableJournalException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The search for the place where a new instance begins to follow: where the group says, or at the first record of a
 * topic that still has all. Never a guess: receipt times have to be those of the others. Safe for any thread; blocks.
 */
final class Beginning {
    private static final int ONE_TRY_MILLIS = Math.toIntExact(BrokerWait.ONE_TRY.toMillis());

    private final Admin admin;
    private final TopicPartition partition;
    private final String group;

    Beginning(Admin admin, TopicPartition partition, String group) {
        this.admin = admin;
        this.partition = partition;
        this.group = group;
    }

    /**
     * Returns the place.
     *
     * @throws UnusableJournalException if there is none, or the brokers refuse to tell
     * @throws BrokersAwayException if they don't tell at present
     */
    Place find() {
        Found found = ask();
        if (found.isDeleted()) {
            found = ask(); // the group went on meanwhile
        }
        Place kept = found.kept();
        if (kept == null && found.first() == 0) {
            return Place.FIRST;
        }
        if (kept == null) {
            throw Answers.unusable("the Kafka consumer group " + group + " keeps no place in the topic "
                    + partition.topic()
                    + ", whose records before offset " + found.first() + " are deleted: what receipt times the others"
                    + " have, and whether something was lost, is not known. Start with the group (journal.kafka.group)"
                    + " that was used so far; if its offsets are lost, stop all instances and begin with a new topic");
        }
        if (found.isDeleted() || kept.offset() > found.end()) {
            throw Answers.unusable(
                    "the Kafka consumer group " + group + " is at offset " + kept.offset() + " of the topic "
                            + partition.topic() + ", which has " + found.first() + " to " + found.end()
                            + ": changes were deleted that may not be in the table, or the topic was made anew. Look"
                            + " at its retention (it must be unlimited); to go on without them, stop all instances and"
                            + " begin with a new topic");
        }
        return kept;
    }

    private record Found(@Nullable Place kept, long first, long end) {
        boolean isDeleted() {
            return kept != null && kept.offset() < first;
        }
    }

    private Found ask() {
        OffsetAndMetadata committed = await(admin.listConsumerGroupOffsets(
                                group, new ListConsumerGroupOffsetsOptions().timeoutMs(ONE_TRY_MILLIS))
                        .partitionsToOffsetAndMetadata())
                .get(partition);
        return new Found(
                committed == null || GroupPlace.isNowhere(committed) ? null : Place.of(committed),
                offset(OffsetSpec.earliest()),
                offset(OffsetSpec.latest()));
    }

    private long offset(OffsetSpec which) {
        return await(admin.listOffsets(Map.of(partition, which), new ListOffsetsOptions().timeoutMs(ONE_TRY_MILLIS))
                        .partitionResult(partition))
                .offset();
    }

    private <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the brokers are asked", e);
        } catch (ExecutionException e) {
            throw Answers.failure(e, partition.topic());
        }
    }
}
