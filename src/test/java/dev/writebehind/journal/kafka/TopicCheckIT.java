package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.config.ByteSize;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.Patience;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What real brokers tell of topics, right ones and such as have one thing wrong. */
@Timeout(300)
class TopicCheckIT {
    private static final ByteSize LARGEST = ByteSize.ofMebibytes(2);
    private static final Duration SESSION = Duration.ofSeconds(6);

    private final String topic = "check-" + UUID.randomUUID();
    private final Admin admin = KafkaCluster.shared().admin();
    private final TopicCreation right = new TopicCreation(topic, TopicCreation.REPLICAS, LARGEST);

    private TopicCheck check(Admin asked, Duration session) {
        return new TopicCheck(asked, topic, TopicCreation.REPLICAS, LARGEST, session, Patience.LONG);
    }

    private List<Finding> findings() {
        return check(admin, SESSION).findings();
    }

    private List<String> unfit() {
        return findings().stream()
                .filter(finding -> finding.kind() == Finding.Kind.UNFIT)
                .map(Finding::text)
                .toList();
    }

    private void create(int partitions, int replicas, Map<String, String> settings) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) replicas).configs(settings)))
                .all()
                .get();
        await("all brokers' knowing it")
                .until(() ->
                        findings().stream().noneMatch(finding -> finding.text().startsWith("there is no topic")));
    }

    private void change(String setting, String value) throws InterruptedException, ExecutionException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, Set.of(change))).all().get();
    }

    @Test
    void rightTopic_isFit_andItIsToldWhatFlushMessagesWouldAdd() throws Exception {
        right.create(admin, Patience.LONG);
        KafkaCluster.shared().awaitInSync(topic);

        List<Finding> findings = findings();
        assertThat(findings).allMatch(Finding::fit);
        assertThat(findings.get(0).kind()).isEqualTo(Finding.Kind.OK);
        assertThat(findings).anyMatch(finding -> finding.text().contains("lose their power at once"));
        assertThat(findings).anyMatch(finding -> finding.text().startsWith("replica.lag.time.max.ms"));
        assertThat(findings).noneMatch(finding -> finding.text().startsWith("broker.session.timeout.ms"));

        change("flush.messages", "1");
        await("all brokers' knowing it")
                .untilAsserted(() -> assertThat(findings())
                        .hasSize(findings.size() - 1)
                        .noneMatch(finding -> finding.text().contains("lose their power at once")));
    }

    @ParameterizedTest
    @CsvSource({
        "min.insync.replicas, 1, min.insync.replicas=2",
        "min.insync.replicas, 3, min.insync.replicas=2",
        "unclean.leader.election.enable, true, unclean.leader.election.enable=false",
        "cleanup.policy, compact, cleanup.policy=delete",
        "cleanup.policy, 'compact,delete', cleanup.policy=delete",
        "retention.ms, 604800000, retention.ms=-1",
        "retention.bytes, 1000000, retention.bytes=-1",
        "message.timestamp.type, CreateTime, message.timestamp.type=LogAppendTime",
        "compression.type, zstd, compression.type=producer",
        "compression.type, snappy, compression.type=producer",
        "compression.type, lz4, compression.type=producer",
        "compression.type, gzip, compression.type=producer",
        "max.message.bytes, 4194304, max.message.bytes=4195328"
    })
    void topicWithOneWrongSetting_isRefused_withTheCommandThatMendsIt(String setting, String wrong, String mended)
            throws Exception {
        Map<String, String> settings = new HashMap<>(right.settings());
        settings.put(setting, wrong);
        create(1, 3, settings);

        assertThat(unfit())
                .singleElement()
                .asString()
                .contains(setting + " of the topic", wrong, "--add-config " + mended);

        change(setting, mended.substring(mended.indexOf('=') + 1));
        await("all brokers' knowing it")
                .untilAsserted(() -> assertThat(findings()).allMatch(Finding::fit));
    }

    @Test
    void topicOfTwoPartitions_isRefused() throws Exception {
        create(2, 3, right.settings());

        assertThat(unfit()).singleElement().asString().contains("2 partitions");
    }

    @Test
    void topicOnTwoBrokers_isRefused() throws Exception {
        Map<String, String> settings = new HashMap<>(right.settings());
        settings.put("min.insync.replicas", "2");
        create(1, 2, settings);

        assertThat(unfit()).hasSize(2).anyMatch(text -> text.contains("is on 2 of the brokers"));
    }

    @Test
    void missingTopic_isRefused_withTheCommandThatCreatesIt() {
        assertThat(findings()).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(Finding.Kind.UNFIT);
            assertThat(finding.text()).contains("there is no topic " + topic, right.command());
        });
        right.settings().forEach((name, value) -> assertThat(right.command()).contains(name + "=" + value));
    }

    @Test
    void sessionTimeoutThatBrokersDoNotTake_isRefused() throws Exception {
        right.create(admin, Patience.LONG);
        KafkaCluster.shared().awaitInSync(topic);

        assertThat(check(admin, Duration.ofMillis(999)).findings())
                .filteredOn(finding -> !finding.fit())
                .singleElement()
                .satisfies(finding -> assertThat(finding.text()).contains("journal.kafka.session-timeout is 999"));
    }

    @Test
    void brokersAway_areAFinding_inTime() {
        Duration patience = Duration.ofSeconds(2);
        long begun = Naps.nanos();
        try (Admin nobody = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:1"))) {
            TopicCheck check =
                    new TopicCheck(nobody, topic, TopicCreation.REPLICAS, LARGEST, Duration.ofSeconds(6), patience);
            assertThat(check.findings()).singleElement().satisfies(finding -> {
                assertThat(finding.kind()).isEqualTo(Finding.Kind.UNKNOWN);
                assertThat(finding.fit()).isFalse();
                assertThat(finding.text()).contains(topic, "journal.kafka.bootstrap-servers");
            });
            assertThat(Naps.since(begun)).isLessThan(patience.plusSeconds(2));
        }
    }

    @Test
    void topicMadeAnew_isNoticed_andOneThatIsAwayIsNot() throws Exception {
        right.create(admin, Patience.LONG);
        KafkaCluster.shared().awaitInSync(topic);
        TopicIdentity identity = TopicIdentity.remember(admin, topic, Patience.LONG);
        assertThat(identity.changed()).isEmpty();

        admin.deleteTopics(List.of(topic)).all().get();
        assertThat(identity.changed()).isEmpty();
        right.create(admin, Patience.LONG);
        KafkaCluster.shared().awaitInSync(topic);
        await("all brokers' knowing it")
                .untilAsserted(() -> assertThat(identity.changed())
                        .hasValueSatisfying(
                                text -> assertThat(text).contains(topic, "created anew", identity.toString())));
    }
}
