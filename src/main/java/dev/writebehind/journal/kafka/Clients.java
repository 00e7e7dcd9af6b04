package dev.writebehind.journal.kafka;

import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.UnusableJournalException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The clients of the brokers, each made for what it is used for: what a site sets in its file of properties holds, but
 * for what the promises rest upon. Safe for any thread.
 */
final class Clients implements AutoCloseable {
    private static final int MAX_BYTES = Integer.MAX_VALUE / 2;
    /** Kafka's own default. */
    private static final long USUAL_BUFFER_BYTES = 32L * 1024 * 1024;

    /** Names that do not resolve yet are brokers that are away; with 0 clients could not be made. */
    private static final Duration UNRESOLVED_AT_MOST = Duration.ofDays(36_500);

    /** Else a connection on which the network lost everything would be tried for up to half a minute. */
    private static final int CONNECT_WITHIN_MILLIS = 2_000;

    /**
     * A broker holds a question for what is new back for half a second; the largest record comes in this time too. One
     * that stands still with its connections open is not left for another before.
     */
    private static final int FETCH_WITHIN_MILLIS = 3_000;

    /** Who leads is asked anew so often: what goes to one that stands still would only be told when it is given up. */
    private static final int LEADER_OF_MILLIS = 1_000;

    private static final int ASK_AGAIN_AFTER_MILLIS = 20;

    private static final int ASK_AGAIN_AT_MOST_AFTER_MILLIS = 200;

    /**
     * Later than who leads is asked again: else a broker that stands still is tried once more, and a connection that is
     * being made keeps a client from asking another one; so up to a minute, with Kafka's defaults of 100 and 50.
     */
    private static final int CONNECT_AGAIN_AFTER_MILLIS = 50;

    private static final int CONNECT_AGAIN_AT_MOST_AFTER_MILLIS = 1_000;

    private final Map<String, Object> common;
    private final KafkaSettings settings;
    private final TopicPartition partition;
    private final Admin admin;

    private Clients(KafkaSettings settings, Map<String, Object> common) {
        this.settings = settings;
        this.common = common;
        this.partition = new TopicPartition(settings.topic(), 0);
        this.admin = Admin.create(common);
    }

    /** Creates them; asks no broker yet. */
    static Clients of(KafkaSettings settings) {
        Properties properties = new Properties();
        Path file = settings.propertiesFile();
        if (file != null) {
            try (Reader reader = Files.newBufferedReader(file)) {
                properties.load(reader);
            } catch (IOException e) {
                throw new UnusableJournalException(
                        "journal.kafka.properties-file can't be read, mend it and start again: " + e.getMessage(), e);
            }
        }
        Map<String, Object> common = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> common.put(name, properties.getProperty(name)));
        common.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.requiredServers());
        common.put(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, ASK_AGAIN_AFTER_MILLIS);
        common.put(CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG, ASK_AGAIN_AT_MOST_AFTER_MILLIS);
        common.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, CONNECT_AGAIN_AFTER_MILLIS);
        common.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, CONNECT_AGAIN_AT_MOST_AFTER_MILLIS);
        common.putIfAbsent(CommonClientConfigs.BOOTSTRAP_RESOLVE_TIMEOUT_MS_CONFIG, UNRESOLVED_AT_MOST.toMillis());
        if (!common.containsKey(CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG)) {
            common.put(CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, CONNECT_WITHIN_MILLIS);
            common.putIfAbsent(
                    CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, CONNECT_WITHIN_MILLIS);
        }
        try {
            return new Clients(settings, common);
        } catch (KafkaException e) {
            throw new UnusableJournalException(
                    "Kafka's clients can't be made: mend journal.kafka.bootstrap-servers or"
                            + " journal.kafka.properties-file and start again: " + reason(e),
                    new IOException(e));
        }
    }

    /** The innermost: the others say that a client could not be made. */
    private static String reason(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause == null ? String.valueOf(failure.getMessage()) : reason(cause);
    }

    TopicPartition partition() {
        return partition;
    }

    Admin admin() {
        return admin;
    }

    /**
     * Returns a producer.
     *
     * @param patience after which an append fails that no broker has acknowledged
     * @param largest request that must go into one record
     */
    Producer<byte[], byte[]> producer(Duration patience, ByteSize largest) {
        Map<String, Object> properties = new HashMap<>(common);
        int millis = Math.toIntExact(patience.toMillis());
        int linger = Math.toIntExact(settings.linger().toMillis());
        int largestRecord = Math.toIntExact(Math.min(RecordSize.bound(largest), MAX_BYTES));
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, largestRecord);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(USUAL_BUFFER_BYTES, 2L * largestRecord));
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, linger);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(1, Math.min(2_000, millis - linger)));
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
        properties.putIfAbsent(ProducerConfig.METADATA_MAX_AGE_CONFIG, LEADER_OF_MILLIS);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Returns a consumer that commits nothing, and follows from the offset that it is told alone. */
    Consumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = new HashMap<>(common);
        properties.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, FETCH_WITHIN_MILLIS);
        properties.putIfAbsent(ConsumerConfig.METADATA_MAX_AGE_CONFIG, LEADER_OF_MILLIS);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Returns a consumer that is to be a member of that group, and to commit what it is told alone. */
    Consumer<byte[], byte[]> member(String group) {
        Map<String, Object> properties = new HashMap<>(common);
        int session = Math.toIntExact(settings.sessionTimeout().toMillis());
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        properties.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, session);
        properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.min(session / 3, 500));
        properties.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, session);
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, session / 2);
        properties.put(ConsumerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, session / 3);
        properties.put(ConsumerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, session / 3);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
