package dev.writebehind.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Kafka topic that several instances share as their journal.
 *
 * @param bootstrapServers brokers to ask for the others, {@code host:port}, by commas; null: there is no topic
 * @param topic the topic, of one partition
 * @param group the consumer group by which instances choose the one that flushes; null: named as the topic is
 * @param linger longest wait of an append for others to go with it
 * @param sessionTimeout after which an instance that the brokers hear nothing of is not the one that flushes any more
 * @param maxLog most records of the topic that a new instance would have to read; beyond it nothing is taken
 * @param propertiesFile further settings of the clients (TLS, SASL), as Kafka names them; null: there are none
 */
public record KafkaSettings(
        @Nullable String bootstrapServers,
        String topic,
        @Nullable String group,
        Duration linger,
        Duration sessionTimeout,
        long maxLog,
        @Nullable Path propertiesFile) {
    private static final Pattern ADDRESS =
            Pattern.compile("(?:\\w+://)?(?:\\[[0-9a-zA-Z:.%]+]|[0-9a-zA-Z._-]+):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;
    private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,240}");

    public KafkaSettings {
        Require.text("journal.kafka.topic", topic);
        if (!TOPIC.matcher(topic).matches() || topic.matches("\\.{1,2}")) {
            throw new InvalidSettingException(
                    "journal.kafka.topic", "must be up to 240 letters, digits, dots, underscores and hyphens");
        }
        if (bootstrapServers != null) {
            Arrays.stream(bootstrapServers.split(",", -1))
                    .map(String::strip)
                    .filter(address -> !address.isEmpty())
                    .forEach(KafkaSettings::requireAddress);
        }
        Require.between("journal.kafka.linger", linger, Duration.ZERO, Duration.ofSeconds(1));
        Require.between("journal.kafka.session-timeout", sessionTimeout, Duration.ofSeconds(1), Duration.ofMinutes(5));
        Require.between("journal.kafka.max-log", maxLog, 1_000L, 1_000_000_000L);
    }

    private static void requireAddress(String address) {
        Matcher matcher = ADDRESS.matcher(address);
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > MAX_PORT) {
            throw new InvalidSettingException(
                    "journal.kafka.bootstrap-servers",
                    "must be host:port, separated by commas, and has '" + address + "'");
        }
    }

    /** Returns the brokers, where there have to be some. */
    public String requiredServers() {
        if (bootstrapServers == null || bootstrapServers.isBlank()) {
            throw new InvalidSettingException(
                    "journal.kafka.bootstrap-servers",
                    "is not set, but journal.kind: kafka needs it: set it to host:port of some brokers");
        }
        return bootstrapServers;
    }

    /** Returns the consumer group's name. */
    public String groupName() {
        return group == null || group.isBlank() ? topic : group;
    }
}
