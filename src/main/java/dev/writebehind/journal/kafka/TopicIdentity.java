package dev.writebehind.journal.kafka;

import dev.writebehind.journal.Replication;
import dev.writebehind.journal.UnusableJournalException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The number that the brokers gave a topic when it was created: another of the same name has another, and offsets of
 * its own. With it, how many brokers have all of it. Safe for any thread; blocks for as long as the patience at most.
 */
final class TopicIdentity {
    private static final Logger log = LoggerFactory.getLogger(TopicIdentity.class);

    private final Admin admin;
    private final String topic;
    private final DescribeTopicsOptions options;
    private final Uuid id;
    private volatile Replication replication;

    private TopicIdentity(Admin admin, String topic, DescribeTopicsOptions options, TopicDescription now) {
        this.admin = admin;
        this.topic = topic;
        this.options = options;
        this.id = now.topicId();
        this.replication = replication(now);
    }

    /**
     * Remembers which topic it is now.
     *
     * @throws UnusableJournalException if there is none, or the brokers refuse to tell
     * @throws BrokersAwayException if they don't tell at present
     */
    static TopicIdentity remember(Admin admin, String topic, Duration patience) {
        DescribeTopicsOptions options = new DescribeTopicsOptions().timeoutMs(Math.toIntExact(patience.toMillis()));
        try {
            return new TopicIdentity(admin, topic, options, describe(admin, topic, options));
        } catch (ExecutionException e) {
            throw Answers.failure(e, topic);
        }
    }

    /**
     * Returns in words that it is another topic now; empty: it is not, or there is none at present, or nobody tells.
     */
    Optional<String> changed() {
        try {
            TopicDescription now = describe(admin, topic, options);
            replication = replication(now);
            Uuid present = now.topicId();
            return present.equals(id)
                    ? Optional.empty()
                    : Optional.of("the topic " + topic + " was deleted and created anew (its id was " + id + " and is "
                            + present
                            + "): what is pending here is not in it, and what was acknowledged since is not here");
        } catch (ExecutionException e) {
            log.debug("It can't be told whether the topic is the same", e);
            replication = Replication.UNKNOWN;
            return Optional.empty();
        }
    }

    /** Returns how many brokers have it, as the last answer told. */
    Replication replication() {
        return replication;
    }

    private static Replication replication(TopicDescription now) {
        TopicPartitionInfo partition = now.partitions().get(0);
        return new Replication(partition.isr().size(), partition.replicas().size());
    }

    @Override
    public String toString() {
        return id.toString();
    }

    private static TopicDescription describe(Admin admin, String topic, DescribeTopicsOptions options)
            throws ExecutionException {
        try {
            return Answers.about(
                            topic, admin.describeTopics(Set.of(topic), options).topicNameValues())
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the brokers are asked for the topic " + topic, e);
        }
    }
}
