package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Alone;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances in processes of their own whose log is away, at the start or later, or has gone on without them. */
@Alone
class LogAwayIT {
    private static final String COURSE = "course-v1:O+C+R";
    private static final String READ = "/v1/users/1/completions?course_key=course-v1:O%2BC%2BR";
    private static final String AS_OF = "completion-as-of";
    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(4);
    private static final String WAITS = "The Kafka brokers do not answer and are waited for";

    private static KafkaCluster cluster;

    private final String topic = "away-" + UUID.randomUUID();
    private final TopicPartition partition = new TopicPartition(topic, 0);
    private final TestDatabase database = TestDatabase.create();
    private final List<ChildService> services = new ArrayList<>();

    @BeforeAll
    static void startBrokers() {
        cluster = KafkaCluster.start(3, 2);
    }

    @AfterAll
    static void stopBrokers() {
        cluster.close();
    }

    @BeforeEach
    void createTopic() {
        cluster.createTopic(topic);
    }

    @AfterEach
    void close() {
        services.forEach(ChildService::close);
        database.close();
        cluster.mend(0);
    }

    @Test
    void start_withoutBrokers_waitsBeforeItListens_untilTheyAnswer_orASignalComes() throws Exception {
        cluster.cut(0);
        ChildService stopped = start(0);
        ChildService waiting = start(0);
        Awaitility.await("the wait of both")
                .atMost(Patience.LONG)
                .until(() -> lines(stopped, WAITS) == 1 && lines(waiting, WAITS) == 1);
        long begin = Naps.nanos();
        stopped.terminate();
        assertThat(stopped.exitCode(Patience.LONG)).isZero();
        assertThat(Naps.since(begin)).isLessThan(Duration.ofSeconds(10));
        assertThat(lines(stopped, "does not start")).isZero();
        assertThat(lines(waiting, "Listening on")).isZero();

        cluster.mend(0);
        assertThat(write(waiting, "b", 0.5).statusCode()).isEqualTo(202);
        assertThat(lines(waiting, "The Kafka brokers answer")).isEqualTo(1);
        assertThat(lines(waiting, WAITS)).isEqualTo(1);
    }

    /** As in a cluster whose name service learns of its brokers some time later. */
    @Test
    void start_withBrokersWhoseNamesDoNotResolve_waits_untilTheyDo(@TempDir Path directory) throws Exception {
        Path hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost\n");
        ChildService waiting = start(
                List.of("-Djdk.net.hosts.file=" + hosts, "-Dsun.net.inetaddr.negative.ttl=1"),
                0,
                "journal.kafka.bootstrap-servers="
                        + cluster.bootstrapServers().replace("127.0.0.1", "kafka.example.org"));
        Awaitility.await("the wait").atMost(Patience.LONG).until(() -> lines(waiting, WAITS) == 1);
        assertThat(lines(waiting, "Listening on")).isZero();

        Files.writeString(hosts, "127.0.0.1 localhost kafka.example.org\n");
        assertThat(write(waiting, "b", 0.5).statusCode()).isEqualTo(202);
        assertThat(lines(waiting, "The Kafka brokers answer")).isEqualTo(1);
        assertThat(lines(waiting, WAITS)).isEqualTo(1);
        assertThat(lines(waiting, "resolve server")).isZero();
    }

    @Test
    void start_withoutTheTopic_ends() throws Exception {
        ChildService service = start(0, "journal.kafka.topic=none-" + UUID.randomUUID());
        assertThat(service.exitCode(Patience.LONG)).isEqualTo(Exit.FAILED);
        assertThat(lines(service, "there is no topic none-")).isEqualTo(1);
    }

    @Test
    void start_atALogThatANewerReleaseWrites_ends_andTellsWhatToDo() throws Exception {
        try (Producer<byte[], byte[]> newer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            newer.send(new ProducerRecord<>(topic, new byte[] {99, 1})).get();
        }
        ChildService service = start(0);
        assertThat(service.exitCode(Patience.LONG)).isEqualTo(Exit.FAILED);
        assertThat(lines(service, "does not start: ")).isEqualTo(1);
        assertThat(service.output())
                .filteredOn(line -> line.contains("does not start: "))
                .singleElement()
                .asString()
                .contains("version 99", "a newer release has written it", "Run that release here");
        assertThat(lines(service, "Listening on")).isZero();
    }

    @Test
    void instance_cutOff_refusesWrites_andItsReadsSayOfWhen_untilItIsBack() throws Exception {
        ChildService away = start(0);
        ChildService there = start(1);
        assertThat(write(away, "b", 0.1).statusCode()).isEqualTo(202);
        assertThat(write(there, "b", 0.2).statusCode()).isEqualTo(202);
        HttpResponse<String> current = read(away);
        assertThat(value(current)).isEqualTo(0.2);
        assertThat(current.headers().firstValue(AS_OF)).isEmpty();
        // What comes into the table later would be read there too, once what was read before is not kept any more.
        assertThat(there.manage("POST", "/admin/pause").statusCode()).isEqualTo(200);

        cluster.cut(0);
        Instant cutAt = Instant.now();
        assertThat(write(there, "b", 0.3).statusCode()).isEqualTo(202);
        assertSaysOfWhen(away, cutAt, LogEndPatience.FIRST);
        assertSaysOfWhen(away, cutAt, LogEndPatience.LATER);
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> refused = write(away, "b", 0.9);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("retry-after")).isPresent();
        }
        assertThat(away.manage("GET", "/health/ready").statusCode()).isEqualTo(503);
        assertSaysOfWhen(away, cutAt, LogEndPatience.LATER);

        cluster.mend(0);
        Awaitility.await("reads of now")
                .atMost(Patience.LONG)
                .until(() -> read(away).headers().firstValue(AS_OF).isEmpty());
        Awaitility.await("a write")
                .atMost(Patience.LONG)
                .until(() -> write(away, "c", 0.4).statusCode() == 202);
        assertThat(write(away, "b", 0.5).statusCode()).isEqualTo(202);
        assertThat(value(read(there))).isEqualTo(0.5);
    }

    private enum LogEndPatience {
        FIRST(ACK_TIMEOUT.minusMillis(500)),
        LATER(Duration.ofMillis(1_500));

        private final Duration longest;

        LogEndPatience(Duration longest) {
            this.longest = longest;
        }
    }

    private static void assertSaysOfWhen(ChildService service, Instant cutAt, LogEndPatience patience)
            throws Exception {
        long begin = Naps.nanos();
        HttpResponse<String> answer = read(service);
        assertThat(Naps.since(begin)).isLessThan(patience.longest);
        assertThat(value(answer)).isEqualTo(0.2);
        assertThat(Instant.parse(answer.headers().firstValue(AS_OF).orElseThrow()))
                .isBefore(cutAt.plusSeconds(1))
                .isAfter(cutAt.minusSeconds(60));
    }

    @Test
    void twoOfThreeBrokers_killed_refuseWrites_notReads_andNothingIsLost() throws Exception {
        ChildService service = start(0);
        assertThat(write(service, "b", 0.1).statusCode()).isEqualTo(202);
        int leader = cluster.leaderOf(topic);
        int other = leader % 3 + 1;
        cluster.kill(leader);
        cluster.kill(other);
        try {
            Awaitility.await("a refusal")
                    .atMost(Patience.LONG)
                    .until(() -> write(service, "c", 0.1).statusCode() == 503);
            HttpResponse<String> answer = read(service);
            assertThat(value(answer)).isEqualTo(0.1);
            assertThat(answer.headers().firstValue(AS_OF)).isPresent();
        } finally {
            cluster.restart(leader);
            cluster.restart(other);
            cluster.awaitInSync(topic);
        }
        Awaitility.await("a write")
                .atMost(Patience.LONG)
                .until(() -> write(service, "c", 0.2).statusCode() == 202);
        Awaitility.await("reads of now")
                .atMost(Patience.LONG)
                .until(() -> read(service).headers().firstValue(AS_OF).isEmpty());
        assertThat(value(read(service))).isEqualTo(0.1);
    }

    /** As when its machine loses its power: its connections stay open, and nothing comes back. */
    @Test
    void leadingBroker_standsStill_isLeftByWhoAppendsAndByWhoReads_andNothingIsLost() throws Exception {
        ChildService service = start(0);
        assertThat(write(service, "b", 0.1).statusCode()).isEqualTo(202);
        int leader = cluster.leaderOf(topic);
        cluster.pause(leader);
        try {
            Awaitility.await("the table")
                    .until(() -> service.post("?ack=database", Bodies.write(1, COURSE, "c", 0.3))
                                    .statusCode()
                            == 200);
            assertThat(cluster.leaderOf(topic)).isNotEqualTo(leader);
            assertThat(value(read(service))).isEqualTo(0.1);
        } finally {
            cluster.resume(leader);
        }
        cluster.awaitInSync(topic);
        assertThat(write(service, "b", 0.2).statusCode()).isEqualTo(202);
    }

    @Test
    void oneOfThreeBrokers_killed_isToldByMeterAndCondition_untilItHasAllAgain() throws Exception {
        ChildService service = start(0);
        assertThat(write(service, "b", 0.1).statusCode()).isEqualTo(202);
        assertThat(inSync(service)).isEqualTo("3.0");
        int follower = cluster.followerOf(topic);
        cluster.kill(follower);
        try {
            Awaitility.await("two of three")
                    .atMost(Patience.LONG)
                    .until(() -> inSync(service).equals("2.0"));
            Awaitility.await("the condition")
                    .atMost(Patience.LONG)
                    .until(() -> conditions(service).contains("log-replicas-missing"));
            assertThat(write(service, "b", 0.2).statusCode()).isEqualTo(202);
            assertThat(service.manage("GET", "/health/ready").statusCode()).isEqualTo(200);
        } finally {
            cluster.restart(follower);
        }
        Awaitility.await("all")
                .atMost(Patience.LONG)
                .until(() ->
                        inSync(service).equals("3.0") && !conditions(service).contains("log-replicas-missing"));
    }

    private static String inSync(ChildService service) throws Exception {
        String name = "writebehind_log_replicas_in_sync ";
        return service.manage("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> conditions(ChildService service) throws Exception {
        return new JsonObject(service.manage("GET", "/admin/status").body())
                .getJsonArray("conditions").stream()
                        .map(condition -> ((JsonObject) condition).getString("name"))
                        .toList();
    }

    /** What it holds lacks what was deleted: whether that is in the table, or was reset, it can't know. */
    @Test
    void follower_whoseRecordsAreDeletedWhileItStandsStill_ends_andBeginsAnewAsItIs() throws Exception {
        ChildService leader = start(1);
        Awaitility.await("the first to flush")
                .atMost(Patience.LONG)
                .until(() -> lines(leader, "This instance flushes from now on") > 0);
        ChildService follower = start(0);
        assertThat(write(follower, "b", 0.1).statusCode()).isEqualTo(202);
        assertThat(value(read(follower))).isEqualTo(0.1);
        follower.pause();
        try {
            assertThat(write(leader, "b", 0.2).statusCode()).isEqualTo(202);
            assertThat(write(leader, "b", 0.3).statusCode()).isEqualTo(202);
            assertThat(leader.manage("POST", "/admin/flush?timeout=60s").statusCode())
                    .isEqualTo(200);
            long end = end();
            Awaitility.await("the group's place").atMost(Patience.LONG).until(() -> kept() >= end - 1);
            cluster.admin()
                    .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(kept())))
                    .all()
                    .get();
        } finally {
            follower.resume();
        }
        assertThat(follower.exitCode(Patience.LONG)).isEqualTo(Exit.FAILED);
        assertThat(lines(follower, "has to be started anew")).isEqualTo(1);

        ChildService anew = start(0);
        assertThat(value(read(anew))).isEqualTo(0.3);
        assertThat(write(anew, "b", 0.4).statusCode()).isEqualTo(202);
        assertThat(value(read(leader))).isEqualTo(0.4);
    }

    @Test
    void topic_madeAnew_endsInstances() throws Exception {
        ChildService service = start(1);
        assertThat(write(service, "b", 0.1).statusCode()).isEqualTo(202);
        cluster.admin().deleteTopics(List.of(topic)).all().get();
        Awaitility.await("the topic's end")
                .atMost(Patience.LONG)
                .ignoreExceptions()
                .until(() -> {
                    createTopic();
                    return true;
                });
        assertThat(service.exitCode(Patience.LONG)).isEqualTo(Exit.FAILED);
        assertThat(lines(service, "has to be started anew")).isEqualTo(1);
    }

    private long kept() throws Exception {
        OffsetAndMetadata kept = cluster.admin()
                .listConsumerGroupOffsets(topic)
                .partitionsToOffsetAndMetadata()
                .get(5, TimeUnit.SECONDS)
                .get(partition);
        return kept == null ? -1 : kept.offset();
    }

    private long end() throws Exception {
        return cluster.admin()
                .listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private static long lines(ChildService service, String text) {
        return service.output().stream().filter(line -> line.contains(text)).count();
    }

    private static HttpResponse<String> write(ChildService service, String block, double value) throws Exception {
        return service.post("?ack=journal", Bodies.write(1, COURSE, block, value));
    }

    private static HttpResponse<String> read(ChildService service) throws Exception {
        HttpResponse<String> answer = service.get(READ);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static double value(HttpResponse<String> answer) {
        JsonArray rows = new JsonObject(answer.body()).getJsonArray("completions");
        return rows.stream()
                .map(JsonObject.class::cast)
                .filter(row -> row.getString("block_key").equals("b"))
                .findFirst()
                .orElseThrow()
                .getDouble("completion");
    }

    private ChildService start(int side, String... further) {
        return start(List.of(), side, further);
    }

    private ChildService start(List<String> options, int side, String... further) {
        List<String> settings = new ArrayList<>(List.of(
                "journal.kind=kafka",
                "journal.kafka.bootstrap-servers=" + cluster.bootstrapServers(side),
                "journal.kafka.topic=" + topic,
                "journal.kafka.session-timeout=3s",
                "flush.interval=100ms",
                "database.timeout=3s",
                "ingest.ack-timeout=" + ACK_TIMEOUT.toMillis() + "ms"));
        settings.addAll(List.of(further));
        List<String> all = new ArrayList<>(List.of("-Xmx192m", "-XX:+UseSerialGC"));
        all.addAll(options);
        ChildService service = ChildService.start(all, database.uri(), settings.toArray(String[]::new));
        services.add(service);
        return service;
    }
}
