package dev.writebehind.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The brokers of other tests: what is done to them happens, and no more. */
class KafkaClusterIT {
    private static final int RECORDS = 500;
    private static KafkaCluster cluster;

    /** A process with a broker, of which it prints the number. */
    static final class Parent {
        public static void main(String[] args) throws InterruptedException {
            KafkaCluster one = KafkaCluster.start(1);
            System.out.println("broker " + one.pids().get(0));
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @BeforeAll
    static void start() {
        cluster = KafkaCluster.start(3, 2);
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    @Test
    void kill_ofTheBrokerThatLeads_losesNothingAndKeepsOrder() throws Exception {
        cluster.createTopic("kill", Map.of());
        int leader = cluster.leaderOf("kill");
        try (KafkaProducer<String, String> producer = producer(cluster.bootstrapServers(), 60_000)) {
            List<Future<RecordMetadata>> answers = new ArrayList<>();
            IntStream.range(0, RECORDS).forEach(i -> answers.add(send(producer, "kill", i)));
            cluster.kill(leader);
            IntStream.range(RECORDS, 2 * RECORDS).forEach(i -> answers.add(send(producer, "kill", i)));
            for (Future<RecordMetadata> answer : answers) {
                answer.get();
            }
        }

        assertThat(cluster.leaderOf("kill")).isNotEqualTo(leader);
        assertThat(read("kill")).isEqualTo(texts(2 * RECORDS));
        cluster.restart(leader);
        cluster.awaitInSync("kill");
    }

    @Test
    void wipe_brokerThatStartsWithNothing_getsAllFromTheOthers() throws Exception {
        cluster.createTopic("wipe", Map.of());
        int follower = cluster.followerOf("wipe");
        try (KafkaProducer<String, String> producer = producer(cluster.bootstrapServers(), 60_000)) {
            send(producer, "wipe", 0).get();
            cluster.kill(follower);
            cluster.wipe(follower);
            send(producer, "wipe", 1).get();
            cluster.restart(follower);
            cluster.awaitInSync("wipe");
        }

        assertThat(read("wipe")).isEqualTo(texts(2));
    }

    @Test
    void pause_leaderGoesToAnother_andItFollowsOnceItGoesOn() throws Exception {
        cluster.createTopic("pause", Map.of());
        int leader = cluster.leaderOf("pause");
        try (KafkaProducer<String, String> producer = producer(cluster.bootstrapServers(), 60_000)) {
            send(producer, "pause", 0).get();

            cluster.pause(leader);
            send(producer, "pause", 1).get();
            assertThat(cluster.leaderOf("pause")).isNotEqualTo(leader);
        } finally {
            cluster.resume(leader);
        }

        cluster.awaitInSync("pause");
    }

    @Test
    void cut_stopsThatSideAlone_untilItIsMended() throws Exception {
        cluster.createTopic("cut", Map.of());
        try (KafkaProducer<String, String> one = producer(cluster.bootstrapServers(0), 2_000);
                KafkaProducer<String, String> other = producer(cluster.bootstrapServers(1), 60_000)) {
            send(one, "cut", 0).get();
            send(other, "cut", 1).get();

            cluster.cut(0);
            assertRefused(send(one, "cut", -1));
            send(other, "cut", 2).get();
            assertThat(read("cut")).isEqualTo(texts(3));

            cluster.mend(0);
            awaitAccepted(one, "cut");
        }
    }

    @Test
    void cutAnswers_recordIsTaken_andItsSenderNotTold() throws Exception {
        cluster.createTopic("answers", Map.of());
        try (KafkaProducer<String, String> producer = producer(cluster.bootstrapServers(0), 2_000)) {
            send(producer, "answers", 0).get();

            cluster.cutAnswers(0);
            assertRefused(send(producer, "answers", 1));
            assertThat(read("answers")).isEqualTo(texts(2));

            cluster.mend(0);
            awaitAccepted(producer, "answers");
        }
    }

    @Test
    void reset_stopsThatSideToo() throws Exception {
        cluster.createTopic("reset", Map.of());
        try (KafkaProducer<String, String> producer = producer(cluster.bootstrapServers(0), 2_000)) {
            send(producer, "reset", 0).get();

            cluster.reset(0);
            assertRefused(send(producer, "reset", -1));
            assertThat(read("reset")).isEqualTo(texts(1));

            cluster.mend(0);
            awaitAccepted(producer, "reset");
        }
    }

    @Test
    void brokers_whoseParentIsKilled_endThemselves() throws Exception {
        JavaCommand command = JavaCommand.of(Parent.class, List.of()).readyAt(Pattern.compile("broker (\\d+)"));
        try (ChildProcess parent = command.start()) {
            ProcessHandle broker = ProcessHandle.of(Long.parseLong(
                            parent.awaitReady(Duration.ofMinutes(2)).group(1)))
                    .orElseThrow();
            assertThat(broker.isAlive()).isTrue();

            parent.kill();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !broker.isAlive());
        }
    }

    private static void assertRefused(Future<RecordMetadata> answer) {
        assertThatThrownBy(answer::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(org.apache.kafka.common.errors.TimeoutException.class);
    }

    private static void awaitAccepted(KafkaProducer<String, String> producer, String topic) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> send(producer, topic, 9).get().hasOffset());
    }

    private static Future<RecordMetadata> send(KafkaProducer<String, String> producer, String topic, int number) {
        return producer.send(new ProducerRecord<>(topic, 0, null, "record " + number));
    }

    private static KafkaProducer<String, String> producer(String servers, int timeoutMillis) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        servers,
                        "acks",
                        "all",
                        "request.timeout.ms",
                        Math.min(timeoutMillis, 2_000),
                        "metadata.max.age.ms",
                        1_000,
                        "retry.backoff.ms",
                        20,
                        "retry.backoff.max.ms",
                        200,
                        "linger.ms",
                        0,
                        "delivery.timeout.ms",
                        timeoutMillis,
                        "max.block.ms",
                        60_000),
                new StringSerializer(),
                new StringSerializer());
    }

    private static List<String> texts(int count) {
        return IntStream.range(0, count).mapToObj(i -> "record " + i).toList();
    }

    /** Returns all that is in the log. */
    private static List<String> read(String topic) {
        List<String> texts = new ArrayList<>();
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    texts.add(record.value());
                }
            }
        }
        return texts;
    }
}
