package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.journal.Told;
import dev.writebehind.journal.Told.AllCommitted;
import dev.writebehind.journal.Told.Claim;
import dev.writebehind.journal.Told.Committed;
import dev.writebehind.journal.Told.Floor;
import dev.writebehind.journal.Told.FlushAsked;
import dev.writebehind.journal.Told.Paused;
import dev.writebehind.journal.Told.Settled;
import dev.writebehind.journal.Told.Written;
import dev.writebehind.journal.UnusableJournalException;
import dev.writebehind.testing.KafkaCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What instances tell each other on real brokers, and the places in the log from which they begin. */
@Timeout(300)
class KafkaPlacesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long AHEAD = Duration.ofSeconds(40).toNanos() / 1_000;

    private final String topic = "places-" + UUID.randomUUID();
    private final TopicPartition partition = new TopicPartition(topic, 0);
    private final KeyPool keys = new KeyPool();
    private final AtomicLong nanos = new AtomicLong();
    private final List<Instance> instances = new ArrayList<>();

    @BeforeEach
    void createTopic() {
        KafkaCluster.shared().createTopic(topic);
    }

    @AfterEach
    void close() {
        instances.forEach(instance -> instance.log.close());
    }

    private final class Instance {
        final KafkaLog log;
        final List<LogRecord> seen = new CopyOnWriteArrayList<>();
        volatile CompletableFuture<Void> kept = CompletableFuture.completedFuture(null);
        private long requests;

        Instance(String group) {
            KafkaSettings settings = new KafkaSettings(
                    KafkaCluster.shared().bootstrapServers(),
                    topic,
                    group,
                    Duration.ofMillis(5),
                    Duration.ofSeconds(6),
                    1_000_000,
                    null);
            log = new KafkaLog(
                    settings,
                    new MessageCodec(keys),
                    PATIENCE,
                    ByteSize.ofMebibytes(1),
                    this::keep,
                    Duration.ofMinutes(10),
                    nanos::get);
            instances.add(this);
        }

        Instance() {
            this(topic);
            log.follow(seen::add);
        }

        private void keep(Place place) {
            kept = commit(topic, place);
        }

        /** Returns once it is read back. */
        void write(int writes) {
            List<CompletionWrite> several = IntStream.rangeClosed(1, writes)
                    .mapToObj(i -> new CompletionWrite(key(i), 1))
                    .toList();
            log.append(requests++, new Writes(several)).toCompletableFuture().join();
            catchUp();
        }

        void tell(Told told) {
            log.tell(told).toCompletableFuture().join();
        }

        void catchUp() {
            log.caughtUp().toCompletableFuture().join();
        }

        void forget(long upTo) {
            log.forget(upTo);
            kept.join();
        }

        List<Object> withoutOrigin() {
            return seen.stream()
                    .<Object>map(record -> List.of(record.firstStamp(), record.request(), record.content()))
                    .toList();
        }
    }

    @Test
    void whatIsTold_isReadByAll_atTheSamePlace_inTheOrderOfTheCalls() {
        List<Instance> three = List.of(new Instance(), new Instance(), new Instance());
        List<Told> told = new ArrayList<>();
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            List<Told> next = List.of(
                    new Claim(i, UUID.randomUUID()),
                    new Committed(i, List.of(new Written(key(1), i, i % 2 == 0 ? null : "refused"))),
                    new AllCommitted(i),
                    new FlushAsked(),
                    new Paused(i % 2 == 0));
            for (Told one : next) {
                Instance other = three.get(i % 2 + 1);
                sent.add(other.log
                        .append(i, new Writes(List.of(new CompletionWrite(key(1), 1))))
                        .toCompletableFuture());
                sent.add(three.get(0).log.tell(one).toCompletableFuture());
            }
            told.addAll(next);
        }
        sent.forEach(CompletableFuture::join);
        three.forEach(Instance::catchUp);

        assertThat(three.get(0).withoutOrigin()).hasSize(500);
        assertThat(three.get(1).withoutOrigin()).isEqualTo(three.get(0).withoutOrigin());
        assertThat(three.get(2).withoutOrigin()).isEqualTo(three.get(0).withoutOrigin());
        for (Instance instance : three) {
            List<LogRecord> tellings = instance.seen.stream()
                    .filter(record -> record.content() instanceof Told)
                    .toList();
            assertThat(tellings.stream().map(LogRecord::content)).isEqualTo(told);
            assertThat(tellings)
                    .allMatch(record -> record.request() == 0 && record.isOwn() == instance.equals(three.get(0)));
            assertThat(instance.log.appliedUpTo()).isEqualTo(three.get(0).log.appliedUpTo());
        }
    }

    @Test
    void committed_ofMoreThanAMessageHolds_isReadInParts_inOrder() {
        Instance instance = new Instance();
        List<Settled> settled = IntStream.rangeClosed(1, 5_000)
                .<Settled>mapToObj(i ->
                        new Written(new CompletionKey(i, keys.course("c"), keys.block("b".repeat(250))), i, null))
                .toList();
        instance.tell(new Committed(3, settled));
        instance.catchUp();

        assertThat(instance.seen).hasSizeGreaterThan(3);
        assertThat(instance.seen.stream()
                        .flatMap(record -> ((Committed) record.content()).settled().stream())
                        .toList())
                .isEqualTo(settled);
    }

    @Test
    void floor_hasAllThatFollowsReceivedAfterIt_onEveryInstance() {
        Instance one = new Instance();
        Instance other = new Instance();
        one.write(3);
        long floor = one.log.appliedUpTo() + AHEAD;
        one.tell(new Floor(floor));
        one.catchUp();
        assertThat(one.log.appliedUpTo()).isEqualTo(floor);
        other.write(2);
        other.tell(new Floor(floor - AHEAD / 2));
        one.write(1);
        Instance late = new Instance();

        for (Instance instance : List.of(one, other, late)) {
            instance.catchUp();
            assertThat(instance.seen.stream().map(LogRecord::firstStamp).skip(1))
                    .containsExactly(floor + 1, floor + 1, floor + 3, floor + 3);
            assertThat(instance.log.appliedUpTo()).isEqualTo(floor + 3);
        }
    }

    @Test
    void newInstance_beginsAtTheKeptPlace_andGivesEveryLaterRecordTheSameTimes() {
        Instance first = new Instance();
        long upTo = fill(first);
        first.forget(upTo);
        first.forget(upTo - 10);
        Instance late = new Instance();
        late.catchUp();

        assertSuffix(first, late, upTo);
        late.write(3);
        first.catchUp();
        assertSuffix(first, late, upTo);
        Instance fromTheBeginning = new Instance("another");
        fromTheBeginning.log.follow(fromTheBeginning.seen::add);
        fromTheBeginning.catchUp();
        assertThat(fromTheBeginning.withoutOrigin()).isEqualTo(first.withoutOrigin());
    }

    @Test
    void newInstance_afterRecordsWereDeleted_givesTheSameTimes_andWithoutTheGroupsPlaceRefuses() {
        Instance first = new Instance();
        long upTo = fill(first);
        first.forget(upTo);
        assertThat(earliest()).isZero();
        nanos.addAndGet(Duration.ofMinutes(10).toNanos());
        first.forget(upTo);
        await().until(() -> earliest() > 0);
        Instance late = new Instance();
        late.catchUp();
        assertSuffix(first, late, upTo);

        Instance ofAnotherGroup = new Instance("another");
        assertThatThrownBy(() -> ofAnotherGroup.log.follow(record -> {}))
                .isInstanceOf(UnusableJournalException.class)
                .hasMessageContaining("group another keeps no place");
        commit(topic, new Place(earliest() - 1, 5)).join();
        Instance behind = new Instance(topic);
        assertThatThrownBy(() -> behind.log.follow(record -> {}))
                .isInstanceOf(UnusableJournalException.class)
                .hasMessageContaining("changes were deleted");
        commit(topic, new Place(1_000_000, 5)).join();
        Instance ahead = new Instance(topic);
        assertThatThrownBy(() -> ahead.log.follow(record -> {}))
                .isInstanceOf(UnusableJournalException.class)
                .hasMessageContaining("made anew");
    }

    @Test
    void records_thatTheGroupNeeds_areNotDeleted_howeverOld() {
        Instance first = new Instance();
        long upTo = fill(first);
        commit(topic, new Place(2, upTo)).join();
        OldRecords old = new OldRecords(admin(), partition, topic, Duration.ZERO, nanos::get);
        old.unneededBefore(new Place(4, upTo));
        await().until(() -> earliest() > 0);
        assertThat(earliest()).isEqualTo(2);

        commit(topic, new Place(5, upTo)).join();
        old.unneededBefore(new Place(4, upTo));
        nanos.addAndGet(OldRecords.BETWEEN_DELETIONS.toNanos());
        old.unneededBefore(new Place(4, upTo));
        await().until(() -> earliest() > 2);
        assertThat(earliest()).isEqualTo(4);
    }

    /** Writes around a floor by which all receipt times are far from the brokers' clocks. Returns one in the middle. */
    private static long fill(Instance instance) {
        instance.write(4);
        instance.tell(new Floor(System.currentTimeMillis() * 1_000 + AHEAD));
        for (int i = 1; i <= 5; i++) {
            instance.write(i);
        }
        long upTo = instance.log.appliedUpTo();
        for (int i = 1; i <= 5; i++) {
            instance.write(i);
            instance.tell(new FlushAsked());
        }
        instance.catchUp();
        return upTo;
    }

    /** The late one has seen less, but all that is later, and each at the same time. */
    private static void assertSuffix(Instance first, Instance late, long upTo) {
        List<Object> all = first.withoutOrigin();
        int missing = all.size() - late.seen.size();
        assertThat(missing).isPositive();
        assertThat(late.withoutOrigin()).isEqualTo(all.subList(missing, all.size()));
        assertThat(first.seen.subList(0, missing)).allMatch(record -> record.firstStamp() <= upTo);
        assertThat(late.log.appliedUpTo()).isEqualTo(first.log.appliedUpTo());
    }

    private CompletableFuture<Void> commit(String group, Place place) {
        return admin().alterConsumerGroupOffsets(group, Map.of(partition, place.committed()))
                .all()
                .toCompletionStage()
                .toCompletableFuture();
    }

    private long earliest() {
        return admin().listOffsets(Map.of(partition, OffsetSpec.earliest()))
                .partitionResult(partition)
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .offset();
    }

    private static Admin admin() {
        return KafkaCluster.shared().admin();
    }

    private CompletionKey key(int userId) {
        return new CompletionKey(userId, keys.course("c"), keys.block("b"));
    }
}
