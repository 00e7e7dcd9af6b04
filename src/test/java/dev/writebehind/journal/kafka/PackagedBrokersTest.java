package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.UnusableJournalException;
import dev.writebehind.testing.Packaging;
import dev.writebehind.testing.StrimziFile;
import dev.writebehind.testing.TestCertificates;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import io.strimzi.api.kafka.model.user.KafkaUserAuthorizationSimple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The brokers, the topic and the login that {@code src/packaging} describes, by the rules that a start goes by. */
class PackagedBrokersTest {
    private static final String TOPIC = "completion-writebehind";
    private static final ByteSize LARGEST = ByteSize.ofMebibytes(32);
    private static final String LOGIN_PATH = "/etc/completion-writebehind-kafka";

    @TempDir
    private Path directory;

    @Test
    void brokersOfCompose_haveTheSameSettings_ofWhichNothingIsToBeSaid() throws IOException {
        List<Map<String, String>> brokers = List.of(
                Packaging.brokerSettings("kafka-1"),
                Packaging.brokerSettings("kafka-2"),
                Packaging.brokerSettings("kafka-3"));

        assertThat(brokers).containsOnly(brokers.get(0));
        assertThat(brokers.get(0))
                .containsKeys("broker.session.timeout.ms", "replica.fetch.backoff.ms", "replica.lag.time.max.ms")
                .containsEntry("min.insync.replicas", "2")
                .containsEntry("offsets.topic.replication.factor", "3")
                .containsEntry("unclean.leader.election.enable", "false")
                .containsEntry("auto.create.topics.enable", "false");
        assertThat(new BrokerRules(Duration.ofSeconds(6)).findings(brokers)).isEmpty();
    }

    @Test
    void brokersOfStrimzi_haveThoseOfCompose() throws IOException {
        assertThat(texts(StrimziFile.only(Kafka.class).getSpec().getKafka().getConfig()))
                .isEqualTo(Packaging.brokerSettings("kafka-1"));
    }

    @Test
    void topicOfStrimzi_isTheOneThatTopicCreateMakes_andIsFit() throws IOException {
        KafkaTopic topic = StrimziFile.only(KafkaTopic.class);
        TopicCreation right = new TopicCreation(TOPIC, TopicCreation.REPLICAS, LARGEST);
        Map<String, String> settings = texts(topic.getSpec().getConfig());

        assertThat(topic.getMetadata().getName()).isEqualTo(TOPIC);
        assertThat(topic.getSpec().getPartitions()).isEqualTo(1);
        assertThat(topic.getSpec().getReplicas()).isEqualTo(right.replicas());
        assertThat(settings).isEqualTo(right.settings());
        assertThat(new TopicRules(TOPIC, TopicCreation.REPLICAS, LARGEST)
                        .findings(1, topic.getSpec().getReplicas(), settings))
                .allMatch(Finding::fit);
    }

    @Test
    void accountOfStrimzi_mayUseTheTopicAndTheGroup_andSeeTheBrokersSettings() throws IOException {
        KafkaUserAuthorizationSimple rights = (KafkaUserAuthorizationSimple)
                StrimziFile.only(KafkaUser.class).getSpec().getAuthorization();

        assertThat(rights.getAcls().stream().map(rule -> rule.getResource().getType() + " " + rule.getOperations()))
                .containsExactly(
                        "topic [READ, WRITE, DESCRIBE, DESCRIBECONFIGS, DELETE]",
                        "group [READ]",
                        "cluster [DESCRIBECONFIGS]");
    }

    @Test
    void clients_takeTheAuthorityAndTheLogin_fromMountedFiles() throws IOException {
        Path file = properties();
        assertThatThrownBy(() -> Clients.of(settings(file))).isInstanceOf(UnusableJournalException.class);

        Files.copy(new TestCertificates(directory, "kafka").ca(), directory.resolve("ca.crt"));
        Path login = directory.resolve("sasl.jaas.config");
        Files.writeString(
                login,
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"p\";");
        Clients.of(settings(file)).close();

        Files.writeString(login, "not a login");
        assertThatThrownBy(() -> Clients.of(settings(file))).isInstanceOf(UnusableJournalException.class);
    }

    /** The ConfigMap's, with the paths of this test. */
    private Path properties() throws IOException {
        String text = Packaging.yaml("kubernetes-shared-log/configmap.yaml")
                .at("/data/kafka.properties")
                .asText();
        assertThat(text).contains(LOGIN_PATH);
        return Files.writeString(directory.resolve("kafka.properties"), text.replace(LOGIN_PATH, directory.toString()));
    }

    private static KafkaSettings settings(Path properties) {
        return new KafkaSettings("127.0.0.1:1", TOPIC, null, Duration.ZERO, Duration.ofSeconds(6), 1_000, properties);
    }

    private static Map<String, String> texts(Map<String, Object> config) {
        return config.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, each -> String.valueOf(each.getValue()), (a, b) -> b, TreeMap::new));
    }
}
