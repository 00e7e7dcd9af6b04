package dev.writebehind.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Kafka topic that several instances share as their journal.
 *
 * @param bootstrapServers brokers to ask for the others, {@code host:port}, separated by commas
 * @param topic the topic, of one partition
 * @param group the consumer group that keeps the place from which the topic is needed, and of which one member flushes;
 *     null: as the topic is named
 * @param linger longest wait of an append for others to go with it
 * @param propertiesFile further settings of the clients (TLS, SASL), as Kafka names them; null: there are none
 */
public record KafkaSettings(
        String bootstrapServers,
        String topic,
        @Nullable String group,
        Duration linger,
        @Nullable Path propertiesFile) {
    private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,240}");

    public KafkaSettings {
        Require.text("journal.kafka.bootstrap-servers", bootstrapServers);
        Require.text("journal.kafka.topic", topic);
        if (!TOPIC.matcher(topic).matches() || topic.matches("\\.{1,2}")) {
            throw new InvalidSettingException(
                    "journal.kafka.topic", "must be up to 240 letters, digits, dots, underscores and hyphens");
        }
        if (group != null) {
            Require.text("journal.kafka.group", group);
        }
        Require.between("journal.kafka.linger", linger, Duration.ZERO, Duration.ofSeconds(1));
    }

    /** Returns the name of the group. */
    public String groupName() {
        return group == null ? topic : group;
    }
}
