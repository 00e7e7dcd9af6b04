package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.journal.Told;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Instances of three releases on real brokers, of which the second reads a newer version and the third writes it. */
@Timeout(300)
class RollingUpgradeIT {
    private static final MessageVersions OLD = new MessageVersions(1, 1);
    private static final MessageVersions NEXT = new MessageVersions(2, 1);
    private static final MessageVersions NEWEST = new MessageVersions(2, 2);

    private final String topic = "upgrade-" + UUID.randomUUID();
    private final TopicPartition partition = new TopicPartition(topic, 0);
    private final KafkaSettings settings = new KafkaSettings(
            KafkaCluster.shared().bootstrapServers(),
            topic,
            null,
            Duration.ofMillis(5),
            Duration.ofSeconds(6),
            1_000_000,
            null);
    private final List<Instance> instances = new ArrayList<>();
    private int written;

    @BeforeEach
    void createTopic() {
        KafkaCluster.shared().createTopic(topic);
    }

    @AfterEach
    void close() {
        instances.forEach(Instance::close);
    }

    private final class Instance {
        final KeyPool keys = new KeyPool();
        final KafkaLog log;
        final List<LogRecord> seen = new CopyOnWriteArrayList<>();
        volatile CompletableFuture<Void> kept = CompletableFuture.completedFuture(null);

        Instance(MessageVersions versions) {
            log = new KafkaLog(
                    settings,
                    new MessageCodec(keys, versions),
                    Patience.LONG,
                    ByteSize.ofMebibytes(1),
                    this::keep,
                    Duration.ofMinutes(10),
                    System::nanoTime);
            instances.add(this);
            log.follow(seen::add);
        }

        private void keep(Place place) {
            kept = KafkaCluster.shared()
                    .admin()
                    .alterConsumerGroupOffsets(topic, Map.of(partition, place.committed()))
                    .all()
                    .toCompletionStage()
                    .toCompletableFuture();
        }

        /** Appends a write of the next user, and what instances tell each other. */
        void write() {
            CompletionKey key = new CompletionKey(++written, keys.course("c"), keys.block("b"));
            log.append(written, new Writes(List.of(new CompletionWrite(key, 1))))
                    .toCompletableFuture()
                    .join();
            log.tell(new Told.AllCommitted(0)).toCompletableFuture().join();
        }

        /** Returns the users of all writes that it has read, up to the log's end. */
        List<Integer> users() {
            log.caughtUp().toCompletableFuture().join();
            return seen.stream()
                    .filter(record -> record.content() instanceof Writes)
                    .map(record ->
                            ((Writes) record.content()).writes().get(0).key().userId())
                    .toList();
        }

        List<Long> stamps() {
            log.caughtUp().toCompletableFuture().join();
            return seen.stream().map(LogRecord::firstStamp).toList();
        }

        void close() {
            log.close();
        }
    }

    private List<Integer> all() {
        return IntStream.rangeClosed(1, written).boxed().toList();
    }

    private void assertUnderstandEachOther(Instance... running) {
        for (Instance instance : running) {
            instance.write();
        }
        for (Instance instance : running) {
            assertThat(instance.users()).isEqualTo(all());
            assertThat(instance.stamps()).isEqualTo(running[0].stamps());
            assertThat(instance.log.state().isHealthy()).isTrue();
        }
    }

    /** Returns the versions of all records that the topic has. */
    private List<Integer> versions() {
        try (Clients clients = Clients.of(settings);
                Consumer<byte[], byte[]> consumer = clients.consumer()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<Integer> versions = new ArrayList<>();
            while (versions.size() < 2 * written) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    versions.add((int) record.value()[0]);
                }
            }
            return versions.stream().distinct().toList();
        }
    }

    @Test
    void releases_upgradedOneAfterTheOther_understandEachOther_andSoTheyDoOnTheWayBack() {
        Instance old = new Instance(OLD);
        Instance otherOld = new Instance(OLD);
        assertUnderstandEachOther(old, otherOld);
        Instance next = new Instance(NEXT);
        assertUnderstandEachOther(old, next, otherOld);
        otherOld.close();
        old.close();
        Instance otherNext = new Instance(NEXT);
        assertUnderstandEachOther(next, otherNext);
        assertThat(versions()).containsExactly(1);

        Instance newest = new Instance(NEWEST);
        assertUnderstandEachOther(next, newest, otherNext);
        next.close();
        otherNext.close();
        assertUnderstandEachOther(newest, new Instance(NEWEST));
        assertThat(versions()).containsExactly(1, 2);

        Instance wayBack = new Instance(NEXT);
        assertUnderstandEachOther(newest, wayBack);
    }

    @Test
    void release_thatWasNotUpgraded_stops_andWhatItAcknowledgedIsThere() {
        Instance old = new Instance(OLD);
        Instance newest = new Instance(NEWEST);
        old.write();
        assertThat(newest.users()).isEqualTo(all());
        newest.write();

        await().atMost(Patience.LONG).until(() -> old.log.state() instanceof JournalState.Failed);
        assertThat(old.log.state().explanation())
                .contains("version 2", "reads up to 1", "Run that release here", "docs/scale-out.md");
        assertThat(old.log.failed().toCompletableFuture()).isCompleted();
        assertThat(old.seen).hasSize(2);
        assertUnderstandEachOther(newest, new Instance(NEXT));
    }

    /** Where all that the newer release wrote is in the table and the group knows it. */
    @Test
    void release_thatWasLeft_refusesToBegin_untilNothingThatItCantReadIsNeeded() {
        Instance newest = new Instance(NEWEST);
        newest.write();
        newest.users();
        Instance tooEarly = new Instance(OLD);
        await().atMost(Patience.LONG).until(() -> tooEarly.log.state() instanceof JournalState.Failed);
        assertThat(tooEarly.log.state().explanation()).contains("offset 0", "newer release");
        assertThat(tooEarly.seen).isEmpty();

        newest.log.forget(newest.log.appliedUpTo());
        newest.kept.join();
        newest.close();
        Instance old = new Instance(OLD);
        old.write();
        assertThat(old.users()).containsExactly(written);
        Instance again = new Instance(NEWEST);
        assertThat(again.stamps()).isEqualTo(old.stamps());
    }
}
