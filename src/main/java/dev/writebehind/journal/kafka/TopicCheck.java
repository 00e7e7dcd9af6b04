package dev.writebehind.journal.kafka;

import dev.writebehind.config.ByteSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The check whether a topic keeps what was acknowledged, in its order, and how its brokers suit it. Safe for any
 * thread; blocks for little longer than the patience at most, and never throws what the brokers answer.
 */
final class TopicCheck {
    private static final Logger log = LoggerFactory.getLogger(TopicCheck.class);

    private final Admin admin;
    private final String topic;
    private final int minReplicas;
    private final ByteSize largest;
    private final Duration sessionTimeout;
    private final Duration patience;

    /**
     * Creates the check.
     *
     * @param minReplicas how many brokers must have the topic
     * @param largest request whose record the topic must take
     * @param sessionTimeout of the instances in their group
     * @param patience longest wait for the brokers
     */
    TopicCheck(
            Admin admin, String topic, int minReplicas, ByteSize largest, Duration sessionTimeout, Duration patience) {
        this.admin = admin;
        this.topic = topic;
        this.minReplicas = minReplicas;
        this.largest = largest;
        this.sessionTimeout = sessionTimeout;
        this.patience = patience;
    }

    /** Returns what is found, the topic's own first. */
    List<Finding> findings() {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            TopicDescription description = get(
                    Answers.about(
                            topic,
                            admin.describeTopics(Set.of(topic), new DescribeTopicsOptions().timeoutMs(millis(deadline)))
                                    .topicNameValues()),
                    deadline);
            List<Finding> findings = new ArrayList<>(ofTopic(description, deadline));
            findings.addAll(ofBrokers(deadline));
            return findings;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of(Finding.unknown("the topic " + topic + " is not checked: interrupted"));
        } catch (ExecutionException e) {
            log.debug("The topic can't be described", e);
            return List.of(
                    e.getCause() instanceof UnknownTopicOrPartitionException
                            ? Finding.unfit("there is no topic " + topic + ": create it, by the command topic create"
                                    + " or by " + new TopicCreation(topic, minReplicas, largest).command())
                            : unknown(Answers.cause(e)));
        } catch (TimeoutException e) {
            log.debug("The topic can't be described in time", e);
            return List.of(unknown(e));
        }
    }

    private List<Finding> ofTopic(TopicDescription description, long deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config config = get(
                Answers.about(
                        resource,
                        admin.describeConfigs(
                                        Set.of(resource), new DescribeConfigsOptions().timeoutMs(millis(deadline)))
                                .values()),
                deadline);
        return new TopicRules(topic, minReplicas, largest)
                .findings(
                        description.partitions().size(),
                        description.partitions().get(0).replicas().size(),
                        settings(config));
    }

    /** They may not be readable with this login: then nothing is known of them. */
    private List<Finding> ofBrokers(long deadline) throws InterruptedException {
        try {
            Collection<Node> nodes = get(
                    admin.describeCluster(new DescribeClusterOptions().timeoutMs(millis(deadline)))
                            .nodes(),
                    deadline);
            List<ConfigResource> resources = nodes.stream()
                    .map(node -> new ConfigResource(ConfigResource.Type.BROKER, node.idString()))
                    .toList();
            Map<ConfigResource, Config> configs = get(
                    admin.describeConfigs(resources, new DescribeConfigsOptions().timeoutMs(millis(deadline)))
                            .all(),
                    deadline);
            return new BrokerRules(sessionTimeout)
                    .findings(
                            configs.values().stream().map(TopicCheck::settings).toList());
        } catch (ExecutionException | TimeoutException e) {
            log.debug("The brokers' settings can't be read", e);
            Throwable cause = e instanceof ExecutionException failed ? Answers.cause(failed) : e;
            return List.of(Finding.note("the brokers' own settings can't be read (" + reason(cause)
                    + "): see that broker.session.timeout.ms is 3000 or less and replica.fetch.backoff.ms 200 or less,"
                    + " which decide how long writes wait when a broker dies"));
        }
    }

    private static Map<String, String> settings(Config config) {
        Map<String, String> settings = new HashMap<>();
        for (ConfigEntry entry : config.entries()) {
            if (entry.value() != null) {
                settings.put(entry.name(), entry.value());
            }
        }
        return settings;
    }

    private Finding unknown(Throwable cause) {
        return Finding.unknown("the brokers do not tell of the topic " + topic + " (" + reason(cause)
                + "): see that they run, and that journal.kafka.bootstrap-servers and the login in"
                + " journal.kafka.properties-file are right");
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? "no answer in time" : message;
    }

    private static int millis(long deadline) {
        return Math.toIntExact(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
    }

    private static <T> T get(KafkaFuture<T> answer, long deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        return answer.get(millis(deadline), TimeUnit.MILLISECONDS);
    }
}
