package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.writebehind.cli.CommandRun;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of a shared log do what they are for, and a topic in which writes are not safe is refused. */
class SharedLogSettingsIT {
    private final String topic = "settings-" + UUID.randomUUID();
    private final TestDatabase database = TestDatabase.create();

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        database.close();
    }

    private void create(Map<String, String> settings) {
        KafkaCluster.shared().createTopic(topic, settings);
    }

    private void createRight() {
        create(Map.of("message.timestamp.type", "LogAppendTime", "min.insync.replicas", "2", "retention.ms", "-1"));
    }

    private RunningService start(String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "journal.kind=kafka",
                "journal.kafka.bootstrap-servers=" + KafkaCluster.shared().bootstrapServers(),
                "journal.kafka.topic=" + topic,
                "flush.interval=20ms"));
        settings.addAll(List.of(more));
        return RunningService.start(database.uri(), settings.toArray(String[]::new));
    }

    @Test
    @ShowsEffectOf({"journal.kind", "journal.kafka.bootstrap-servers", "journal.kafka.topic", "journal.kafka.group"})
    void writes_areInTheTopicOfThoseBrokers_andItsPlaceIsKeptByTheGroup() throws Exception {
        createRight();
        String group = "group-" + UUID.randomUUID();
        TopicPartition partition = new TopicPartition(topic, 0);
        try (RunningService service = start("journal.kafka.group=" + group)) {
            service.write(1, "c", "b", 0.5);
            service.flush();
            assertThat(KafkaCluster.shared()
                            .admin()
                            .listOffsets(Map.of(partition, OffsetSpec.latest()))
                            .partitionResult(partition)
                            .get()
                            .offset())
                    .isGreaterThanOrEqualTo(3); // a claim, the write, and that it is in the table
            await().until(() -> offset(group, partition) > 0);
            assertThat(offset(topic, partition)).isZero();
        }
    }

    /** That group's place; 0: it has none. */
    private static long offset(String group, TopicPartition partition) throws Exception {
        OffsetAndMetadata place = KafkaCluster.shared()
                .admin()
                .listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .get(partition);
        return place == null ? 0 : place.offset();
    }

    @Test
    @ShowsEffectOf("journal.kafka.linger")
    void loneAppend_waitsForOthers_asLongAsItIsTold() {
        createRight();
        try (RunningService service = start("journal.kafka.linger=900ms")) {
            for (int i = 0; i < 3; i++) {
                assertThat(millisOfAWrite(service)).isGreaterThanOrEqualTo(800);
            }
        }
        try (RunningService service = start("journal.kafka.linger=0ms")) {
            await().until(() -> millisOfAWrite(service) < 800);
        }
    }

    private static long millisOfAWrite(RunningService service) {
        long begin = System.nanoTime();
        assertThat(service.post("?ack=journal", Bodies.write(1, 0.5)).statusCode())
                .isEqualTo(202);
        return Duration.ofNanos(System.nanoTime() - begin).toMillis();
    }

    @Test
    @ShowsEffectOf("journal.kafka.properties-file")
    void propertiesFile_isForTheClients_andAWrongOneRefusesTheStart() throws Exception {
        createRight();
        Path file = Files.writeString(directory.resolve("kafka.properties"), "client.id=seen-by-the-brokers\n");
        String setting = "journal.kafka.properties-file=" + file;
        try (RunningService service = start(setting)) {
            service.write(1, "c", "b", 0.5);
            await().until(
                            () -> KafkaCluster.shared()
                                    .admin()
                                    .describeConsumerGroups(List.of(topic))
                                    .all()
                                    .get()
                                    .get(topic)
                                    .members()
                                    .stream()
                                    .anyMatch(member -> member.clientId().equals("seen-by-the-brokers")));
        }
        Files.writeString(file, "security.protocol=CARRIER_PIGEON\n");
        assertThatThrownBy(() -> start(setting))
                .hasStackTraceContaining("journal.kafka.properties-file")
                .hasStackTraceContaining("CARRIER_PIGEON");
        Files.delete(file);
        assertThatThrownBy(() -> start(setting)).hasStackTraceContaining("journal.kafka.properties-file can't be read");
    }

    @ParameterizedTest
    @CsvSource({
        "min.insync.replicas, 1, min.insync.replicas",
        "retention.ms, 60000, retention.ms",
        "message.timestamp.type, CreateTime, message.timestamp.type",
        "none, 0, there is no topic",
    })
    void topicInWhichWritesAreNotSafe_isRefusedByServeAndCheck(String name, String value, String told) {
        if (!name.equals("none")) {
            Map<String, String> settings = new HashMap<>(Map.of(
                    "message.timestamp.type", "LogAppendTime",
                    "min.insync.replicas", "2",
                    "retention.ms", "-1"));
            settings.put(name, value);
            create(settings);
        }
        assertThatThrownBy(this::start)
                .hasMessageContaining("journal.kafka.topic is unfit")
                .hasMessageContaining(told);
        CommandRun check = command("check");
        assertThat(check.status()).isEqualTo(1);
        assertThat(check.out().lines()).anyMatch(line -> line.startsWith("UNFIT ") && line.contains(told));
    }

    @Test
    void topicCreate_createsOneThatCheckFindsFit_andServeTakes_butNotASecondTime() {
        CommandRun dry = command("topic", "create", "--dry-run");
        assertThat(dry.out()).startsWith("kafka-topics.sh").contains("LogAppendTime", topic);
        CommandRun created = command("topic", "create");
        assertThat(created.status()).as(created.output()).isZero();
        assertThat(created.out()).contains("The topic " + topic + " was created");
        assertThat(command("migrate").status()).isZero();
        CommandRun check = command("check");
        assertThat(check.status()).as(check.output()).isZero();
        assertThat(check.out()).contains("ok     the topic " + topic + " keeps what it acknowledges");
        CommandRun again = command("topic", "create");
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.err()).contains("is not created", "already exists");
        CommandRun checked = command("topic", "create", "--if-missing");
        assertThat(checked.status()).as(checked.output()).isZero();
        assertThat(checked.out())
                .contains("The topic " + topic + " is there already", "ok     the topic " + topic + " keeps");
        try (RunningService service = start()) {
            service.write(1, "c", "b", 0.5);
        }
    }

    @Test
    void topicCreate_ifMissing_createsIt() {
        CommandRun created = command("topic", "create", "--if-missing");
        assertThat(created.status()).as(created.output()).isZero();
        assertThat(created.out()).contains("The topic " + topic + " was created");
    }

    @Test
    void topicCreate_ifMissing_saysWhatIsWrongWithTheOneThatIsThere() {
        create(Map.of("message.timestamp.type", "LogAppendTime", "min.insync.replicas", "2", "retention.ms", "1000"));
        CommandRun there = command("topic", "create", "--if-missing");
        assertThat(there.status()).isEqualTo(1);
        assertThat(there.out()).contains(topic + " is there already", "UNFIT").doesNotContain("was created");
    }

    private CommandRun command(String... arguments) {
        return CommandRun.with(
                Map.of(
                        "WRITEBEHIND_DATABASE_URI",
                        database.uri(),
                        "WRITEBEHIND_JOURNAL_KIND",
                        "kafka",
                        "WRITEBEHIND_JOURNAL_KAFKA_BOOTSTRAP_SERVERS",
                        KafkaCluster.shared().bootstrapServers(),
                        "WRITEBEHIND_JOURNAL_KAFKA_TOPIC",
                        topic),
                arguments);
    }
}
