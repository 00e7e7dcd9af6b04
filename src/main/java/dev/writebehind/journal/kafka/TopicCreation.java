package dev.writebehind.journal.kafka;

import dev.writebehind.config.ByteSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic as it has to be, and its creation; immutable.
 *
 * @param replicas how many brokers have it
 * @param largest request whose record it has to take
 */
record TopicCreation(String topic, int replicas, ByteSize largest) {
    static final int REPLICAS = 3;

    private static final Logger log = LoggerFactory.getLogger(TopicCreation.class);

    /** Brokers take that much unless a topic says otherwise. */
    private static final long USUAL_BYTES = 1024 * 1024 + 12;

    /** Returns in how many brokers' memory a record has to be before it is acknowledged: most of them. */
    static int minInSync(int replicas) {
        return replicas / 2 + 1;
    }

    /** Returns the topic's settings, all that matter, whatever the brokers' own are. */
    Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("min.insync.replicas", String.valueOf(minInSync(replicas)));
        settings.put("unclean.leader.election.enable", "false");
        settings.put("cleanup.policy", "delete");
        settings.put("retention.ms", "-1");
        settings.put("retention.bytes", "-1");
        settings.put("message.timestamp.type", "LogAppendTime");
        settings.put("compression.type", "producer");
        settings.put("max.message.bytes", String.valueOf(Math.max(USUAL_BYTES, RecordSize.bound(largest))));
        return settings;
    }

    /** Returns the command of Kafka's tools that creates it. */
    String command() {
        return command("…");
    }

    /** Returns that of those brokers. */
    String command(String servers) {
        return "kafka-topics.sh --bootstrap-server " + servers + " --create --topic " + topic
                + " --partitions 1 --replication-factor " + replicas
                + settings().entrySet().stream()
                        .map(setting -> " --config " + setting.getKey() + "=" + setting.getValue())
                        .collect(Collectors.joining());
    }

    /**
     * Creates it; blocks.
     *
     * @throws IllegalStateException if the brokers do not, with their reason
     */
    void create(Admin admin, Duration patience) {
        if (!createIfMissing(admin, patience)) {
            throw new IllegalStateException("the topic " + topic + " is not created: it already exists");
        }
    }

    /**
     * Creates it where there is none of its name, and returns whether there was none; blocks.
     *
     * @throws IllegalStateException if the brokers do not, with their reason
     */
    boolean createIfMissing(Admin admin, Duration patience) {
        NewTopic wanted = new NewTopic(topic, 1, (short) replicas).configs(settings());
        CreateTopicsOptions options = new CreateTopicsOptions().timeoutMs(Math.toIntExact(patience.toMillis()));
        try {
            admin.createTopics(List.of(wanted), options).all().get();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the topic " + topic + " is created", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                log.debug("The topic is not created", e);
                return false;
            }
            throw new IllegalStateException(
                    "the topic " + topic + " is not created: "
                            + Answers.cause(e).getMessage(),
                    e);
        }
    }
}
