package dev.writebehind.loadtest.bench;

import static java.util.Objects.requireNonNull;

import dev.writebehind.loadtest.comparison.RunFailedException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Debezium's JDBC sink from one topic into the completion table, set up to do as little as it can: rows of one key
 * folded within what it reads at once, batches as large as the service's. Not for concurrent use.
 */
final class Sink {
    /** Rows of a batch, and records that the sink is handed at once: what it folds. */
    private static final int BATCH = 500;

    private static final int RECORDS = 5_000;
    private static final int LOOK_MILLIS = 250;

    private static final String KEY_FIELDS = """
            {"field":"user_id","type":"int32","optional":false},
            {"field":"course_key","type":"string","optional":false},
            {"field":"block_key","type":"string","optional":false}""";

    private static final String ROW_FIELDS = KEY_FIELDS + """
            ,{"field":"block_type","type":"string","optional":false},
            {"field":"completion","type":"double","optional":false},
            {"field":"created","type":"int64","optional":false,
             "name":"org.apache.kafka.connect.data.Timestamp","version":1},
            {"field":"modified","type":"int64","optional":false,
             "name":"org.apache.kafka.connect.data.Timestamp","version":1}""";

    private final ConnectWorker worker;
    private final Admin admin;
    private final String name;
    private final String topic;

    private Sink(ConnectWorker worker, Admin admin, String name, String topic) {
        this.worker = worker;
        this.admin = admin;
        this.name = name;
        this.topic = topic;
    }

    /**
     * How it is set up; immutable.
     *
     * @param tasks at most so many, of which each reads partitions of its own
     * @param keyless whether the records have no keys: rows are then told apart by what the records hold
     * @param deadLetters the topic for what can't be stored; empty: the sink stops there
     */
    record Setup(int tasks, boolean keyless, String deadLetters) {
        static final Setup PLAIN = new Setup(1, false, "");
    }

    /** Starts it, and waits until its tasks run. */
    static Sink start(ConnectWorker worker, Admin admin, String topic, String database, Setup setup)
            throws IOException, InterruptedException {
        Sink sink = new Sink(worker, admin, "sink-" + topic, topic);
        worker.configure(sink.name, settings(topic, URI.create(database), setup));
        while (worker.tasks(sink.name, "RUNNING") < setup.tasks()) {
            if (worker.tasks(sink.name, "FAILED") > 0) {
                throw new RunFailedException(worker.failure(sink.name));
            }
            Thread.sleep(LOOK_MILLIS);
        }
        return sink;
    }

    private static Map<String, String> settings(String topic, URI database, Setup setup) {
        String[] account = database.getUserInfo().split(":", 2);
        Map<String, String> settings = new HashMap<>();
        settings.put("connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector");
        settings.put("tasks.max", String.valueOf(setup.tasks()));
        settings.put("topics", topic);
        settings.put(
                "connection.url",
                "jdbc:mariadb://" + database.getHost() + ":" + database.getPort() + database.getPath()
                        + "?useBulkStmts=true&connectionTimeZone=UTC&forceConnectionTimeZoneToSession=true");
        settings.put("connection.username", account[0]);
        settings.put("connection.password", account[1]);
        settings.put("insert.mode", "upsert");
        settings.put("primary.key.mode", setup.keyless() ? "record_value" : "record_key");
        settings.put("primary.key.fields", "user_id,course_key,block_key");
        settings.put("delete.enabled", String.valueOf(!setup.keyless()));
        settings.put("schema.evolution", "none");
        settings.put("collection.name.format", "completion_blockcompletion");
        settings.put("use.reduction.buffer", "true");
        settings.put("batch.size", String.valueOf(BATCH));
        settings.put("consumer.override.max.poll.records", String.valueOf(RECORDS));
        converter(settings, "key", KEY_FIELDS);
        converter(settings, "value", ROW_FIELDS);
        if (!setup.deadLetters().isEmpty()) {
            settings.put("errors.tolerance", "all");
            settings.put("errors.deadletterqueue.topic.name", setup.deadLetters());
            settings.put("errors.deadletterqueue.context.headers.enable", "true");
        }
        return settings;
    }

    private static void converter(Map<String, String> settings, String part, String fields) {
        settings.put(part + ".converter", "org.apache.kafka.connect.json.JsonConverter");
        settings.put(part + ".converter.schemas.enable", "true");
        settings.put(
                part + ".converter.schema.content",
                "{\"type\":\"struct\",\"optional\":false,\"fields\":[" + fields + "]}");
    }

    /** Waits until everything is in the table; returns whether it is: not, if a task has failed. */
    boolean awaitAll(Duration within) throws IOException, InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (lag() > 0) {
            if (worker.tasks(name, "FAILED") > 0) {
                return false;
            }
            if (System.nanoTime() > end) {
                throw new RunFailedException(lag() + " records of " + topic + " wait for the table still");
            }
            Thread.sleep(LOOK_MILLIS);
        }
        return true;
    }

    /** Returns how many records of the topic it has not told to be in the table. */
    long lag() throws InterruptedException {
        try {
            Map<TopicPartition, OffsetAndMetadata> told = admin.listConsumerGroupOffsets("connect-" + name)
                    .partitionsToOffsetAndMetadata()
                    .get();
            long lag = 0;
            for (Map.Entry<TopicPartition, Long> end : ends(admin, topic).entrySet()) {
                OffsetAndMetadata place = told.get(end.getKey());
                lag += end.getValue() - (place == null ? 0 : place.offset());
            }
            return lag;
        } catch (ExecutionException e) {
            throw new RunFailedException("the brokers do not tell how far the sink is: " + e.getCause());
        }
    }

    /** Returns how many records were ever appended to a topic, by partition. */
    static Map<TopicPartition, Long> ends(Admin admin, String topic) throws InterruptedException, ExecutionException {
        TopicDescription description = requireNonNull(
                admin.describeTopics(Set.of(topic)).allTopicNames().get().get(topic));
        Map<TopicPartition, OffsetSpec> asked = description.partitions().stream()
                .collect(Collectors.toMap(
                        partition -> new TopicPartition(topic, partition.partition()),
                        partition -> OffsetSpec.latest()));
        return admin.listOffsets(asked).all().get().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, end -> end.getValue().offset()));
    }

    /** Starts what has failed once more. */
    void restart() throws IOException, InterruptedException {
        worker.restartFailed(name);
    }

    /** Returns what a failed task says. */
    String failure() throws IOException, InterruptedException {
        return worker.failure(name);
    }

    /** Ends it; another one of that topic goes on where it was. */
    void stop() throws IOException, InterruptedException {
        worker.delete(name);
    }
}
