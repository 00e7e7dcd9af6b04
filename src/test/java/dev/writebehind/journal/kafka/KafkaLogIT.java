package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalUnavailableException;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.LogRecord.Reset;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.testing.KafkaCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Instances of the log on real brokers. */
@Timeout(300)
class KafkaLogIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String topic = "log-" + UUID.randomUUID();
    private final KeyPool keys = new KeyPool();
    private final List<Instance> instances = new ArrayList<>();

    @AfterEach
    void close() {
        instances.forEach(instance -> instance.log.close());
    }

    private final class Instance {
        final KafkaLog log;
        final List<LogRecord> seen = new CopyOnWriteArrayList<>();
        final AtomicLong requests = new AtomicLong();

        Instance(String bootstrapServers, Duration patience) {
            this(bootstrapServers, patience, System::nanoTime);
        }

        Instance(String bootstrapServers, Duration patience, LongSupplier nanos) {
            KafkaSettings settings = new KafkaSettings(
                    bootstrapServers, topic, null, Duration.ofMillis(5), Duration.ofSeconds(6), 1_000_000, null);
            log = new KafkaLog(
                    settings,
                    new MessageCodec(keys),
                    patience,
                    ByteSize.ofMebibytes(1),
                    place -> {},
                    Duration.ofMinutes(10),
                    nanos);
            instances.add(this);
            log.follow(seen::add);
        }

        CompletableFuture<Void> write(int userId) {
            CompletionKey key = new CompletionKey(userId, keys.course("c"), keys.block("b"));
            return log.append(requests.getAndIncrement(), new Writes(List.of(new CompletionWrite(key, 1))))
                    .toCompletableFuture();
        }

        List<Integer> users() {
            return seen.stream()
                    .map(record ->
                            ((Writes) record.content()).writes().get(0).key().userId())
                    .toList();
        }

        CompletableFuture<Void> reset(int userId) {
            return log.append(
                            requests.getAndIncrement(),
                            new Reset(new LearnerCourse(userId, keys.course("c")), CourseReset.RECEIPT))
                    .toCompletableFuture();
        }

        void catchUp() {
            log.caughtUp().toCompletableFuture().join();
        }

        List<Object> withoutOrigin() {
            return seen.stream()
                    .<Object>map(record -> List.of(record.firstStamp(), record.request(), record.content()))
                    .toList();
        }
    }

    private Instance shared() {
        return new Instance(KafkaCluster.shared().bootstrapServers(), PATIENCE);
    }

    @Test
    void instances_appendingAtTheSameTime_allSeeTheSameInTheSameOrderAtTheSameTimes() {
        KafkaCluster.shared().createTopic(topic);
        List<Instance> three = List.of(shared(), shared(), shared());
        long before = System.currentTimeMillis() * 1_000;
        List<CompletableFuture<Void>> appended = new ArrayList<>();
        for (int i = 1; i <= 300; i++) {
            for (Instance instance : three) {
                appended.add(i % 10 == 0 ? instance.reset(i) : instance.write(i));
            }
        }
        appended.forEach(CompletableFuture::join);
        three.forEach(Instance::catchUp);

        List<Object> all = three.get(0).withoutOrigin();
        assertThat(all).hasSize(900);
        assertThat(three.get(1).withoutOrigin()).isEqualTo(all);
        assertThat(three.get(2).withoutOrigin()).isEqualTo(all);
        assertThat(three.get(0).seen.stream().map(LogRecord::firstStamp))
                .isSorted()
                .doesNotHaveDuplicates()
                .allMatch(stamp -> stamp >= before);
        for (Instance instance : three) {
            assertThat(instance.seen.stream()
                            .filter(LogRecord::isOwn)
                            .map(LogRecord::request)
                            .toList())
                    .as("its own, in its own order")
                    .isEqualTo(LongStream.range(0, 300).boxed().toList());
        }
        Instance late = shared();
        late.catchUp();
        assertThat(late.withoutOrigin()).isEqualTo(all);
        assertThat(late.seen).noneMatch(LogRecord::isOwn);
    }

    @Test
    void caughtUp_isBehindEverythingThatAnyInstanceWasToldToBeKept() {
        KafkaCluster.shared().createTopic(topic);
        Instance one = shared();
        Instance other = shared();
        for (int i = 1; i <= 500; i++) {
            (i % 2 == 0 ? one : other).write(i).join();
            (i % 2 == 0 ? other : one).catchUp();
            assertThat((i % 2 == 0 ? other : one).seen).hasSize(i);
        }
    }

    @Test
    void message_thatCantBeRead_endsTheFollowing_andNothingIsTakenAnyMore() {
        KafkaCluster.shared().createTopic(topic);
        Instance instance = shared();
        instance.write(1).join();
        instance.catchUp();
        try (Producer<byte[], byte[]> newer = new KafkaProducer<>(
                Map.of("bootstrap.servers", KafkaCluster.shared().bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            assertThat(newer.send(new ProducerRecord<>(topic, new byte[] {99, 1})))
                    .succeedsWithin(PATIENCE);
        }
        instance.write(2).join();

        await().until(() -> instance.log.state() instanceof JournalState.Failed);
        assertThat(instance.log.state().explanation()).contains("offset 1", "version 99", "newer");
        assertThat(instance.seen).hasSize(1);
        assertThat(instance.log.caughtUp().toCompletableFuture())
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(JournalUnavailableException.class);
    }

    /** As where its record lay about for that long: its estimate of the brokers' time stands still. */
    @Test
    void append_thatComesTooLate_isRefused_andNobodyReadsIt() {
        KafkaCluster.shared().createTopic(topic);
        AtomicLong behind = new AtomicLong();
        Instance late = new Instance(
                KafkaCluster.shared().bootstrapServers(),
                Duration.ofSeconds(10),
                () -> System.nanoTime() - behind.get());
        Instance other = shared();
        late.write(1).join();
        late.catchUp();

        behind.set(Duration.ofSeconds(60).toNanos());
        assertThat(late.write(2).handle((done, failure) -> failure).join())
                .isInstanceOf(JournalUnavailableException.class)
                .hasMessageContaining("too late");
        other.write(3).join();
        late.catchUp();
        late.write(4).join(); // it has read what time it is
        late.catchUp();
        other.catchUp();
        assertThat(late.users()).isEqualTo(other.users()).containsExactly(1, 3, 4);
        assertThat(late.log.state().isHealthy()).isTrue();
        assertThat(late.withoutOrigin()).isEqualTo(other.withoutOrigin());
    }

    @Test
    void record_asLargeAsARequestMakes_isTakenByTheTopicAsItIsCreated_andALargerOneIsRefusedAlone() {
        ByteSize request = ByteSize.ofMebibytes(1); // as of each instance here
        KafkaCluster.shared().createTopic(topic, new TopicCreation(topic, TopicCreation.REPLICAS, request).settings());
        Instance instance = shared();
        int most = Math.toIntExact(RecordSize.value(request));
        CompletableFuture<Void> tooLarge =
                instance.log.append(1, ofBytes(most + 2_000)).toCompletableFuture();
        CompletableFuture<Void> largest = instance.log.append(2, ofBytes(most)).toCompletableFuture();

        assertThat(tooLarge.handle((done, failure) -> failure).join())
                .isInstanceOf(JournalUnavailableException.class)
                .hasMessageContainingAll("max.message.bytes", "http.max-body", topic);
        largest.join();
        assertThat(instance.log.state().isHealthy()).isTrue();
        instance.catchUp();
        assertThat(instance.seen).singleElement().extracting(LogRecord::request).isEqualTo(2L);
    }

    /** Returns writes of one course whose record takes so many bytes. */
    private Writes ofBytes(int bytes) {
        int each = 211; // flags, a length, 200 characters, a value
        MessageCodec codec = new MessageCodec(keys);
        List<CompletionWrite> writes = new ArrayList<>(Collections.nCopies(bytes / each - 1, write("b".repeat(200))));
        int left = bytes - encoded(codec, writes);
        writes.add(write("b".repeat(left / 2 - 11)));
        writes.add(write("b".repeat(left - left / 2 - 11)));
        assertThat(encoded(codec, writes)).isEqualTo(bytes);
        return new Writes(writes);
    }

    private static int encoded(MessageCodec codec, List<CompletionWrite> writes) {
        return codec.encode(new Message.Entry(new Origin(UUID.randomUUID(), 1), Validity.UNLIMITED, new Writes(writes)))
                .length;
    }

    private CompletionWrite write(String block) {
        return new CompletionWrite(new CompletionKey(1, keys.course("c"), keys.block(block)), 1);
    }

    /** Under load, the broker that leads is killed for good. */
    @Test
    void leadersBroker_isKilled_nothingAcknowledgedIsLost_norThereTwice() {
        try (KafkaCluster cluster = KafkaCluster.start(3)) {
            cluster.createTopic(topic);
            List<Instance> two = List.of(
                    new Instance(cluster.bootstrapServers(), PATIENCE),
                    new Instance(cluster.bootstrapServers(), PATIENCE));
            AtomicBoolean isEnough = new AtomicBoolean();
            List<CompletableFuture<Map<Long, Boolean>>> writing = two.stream()
                    .map(instance -> CompletableFuture.supplyAsync(() -> writeUntil(isEnough, instance)))
                    .toList();
            await().atMost(PATIENCE).until(() -> two.get(0).seen.size() > 500);
            int leader = cluster.leaderOf(topic);
            cluster.kill(leader);
            cluster.wipe(leader);
            int seen = two.get(0).seen.size();
            await().atMost(PATIENCE).until(() -> two.get(0).seen.size() > seen + 1_000);
            isEnough.set(true);
            List<Map<Long, Boolean>> acknowledged =
                    writing.stream().map(CompletableFuture::join).toList();
            two.forEach(Instance::catchUp);

            assertThat(two.get(0).withoutOrigin()).isEqualTo(two.get(1).withoutOrigin());
            for (int i = 0; i < 2; i++) {
                List<Long> own = two.get(i).seen.stream()
                        .filter(LogRecord::isOwn)
                        .map(LogRecord::request)
                        .toList();
                assertThat(own).isSorted().doesNotHaveDuplicates();
                assertThat(own)
                        .containsAll(acknowledged.get(i).entrySet().stream()
                                .filter(Map.Entry::getValue)
                                .map(Map.Entry::getKey)
                                .toList());
            }
            instances.forEach(instance -> instance.log.close());
        }
    }

    /** Returns whether each request was acknowledged. */
    private static Map<Long, Boolean> writeUntil(AtomicBoolean isEnough, Instance instance) {
        Map<Long, Boolean> acknowledged = new HashMap<>();
        while (!isEnough.get()) {
            List<CompletableFuture<Boolean>> some = new ArrayList<>();
            long first = instance.requests.get();
            for (int i = 1; i <= 20; i++) {
                some.add(instance.write(i).handle((done, failure) -> failure == null));
            }
            for (int i = 0; i < some.size(); i++) {
                acknowledged.put(first + i, some.get(i).join());
            }
        }
        return acknowledged;
    }

    @Test
    void instance_thatIsCutOff_takesNothing_andReadsNothing_untilItIsBack_andTheOtherGoesOn() {
        try (KafkaCluster cluster = KafkaCluster.start(3, 1)) {
            cluster.createTopic(topic);
            Instance there = new Instance(cluster.bootstrapServers(), PATIENCE);
            Instance away = new Instance(cluster.bootstrapServers(0), Duration.ofSeconds(3));
            away.write(1).join();
            away.catchUp();
            cluster.cut(0);

            assertThat(away.write(2).handle((done, failure) -> failure).join())
                    .isInstanceOf(JournalUnavailableException.class);
            assertThat(away.log.state().mayPass()).isTrue();
            there.write(3).join();
            there.catchUp();
            assertThat(away.log
                            .caughtUp()
                            .toCompletableFuture()
                            .handle((done, failure) -> failure)
                            .join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(JournalUnavailableException.class);

            cluster.mend(0);
            await().atMost(PATIENCE).until(() -> away.log.state().isHealthy());
            away.write(4).join();
            await().atMost(PATIENCE)
                    .until(() -> away.log
                            .caughtUp()
                            .handle((done, failure) -> failure == null)
                            .toCompletableFuture()
                            .join());
            there.catchUp();
            assertThat(away.withoutOrigin()).isEqualTo(there.withoutOrigin());
            instances.forEach(instance -> instance.log.close());
        }
    }
}
