package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.Election;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.ShowsEffectOf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Instances that stand for election at three brokers: who is told what, and when. */
@Alone
@Timeout(900)
class KafkaElectionIT {
    private static final Duration SESSION = Duration.ofSeconds(4); // not the usual one
    private static final int KILLS = Boolean.getBoolean("writebehind.full") ? 20 : 3;

    private static KafkaCluster cluster;

    private final String topic = "election-" + UUID.randomUUID();
    private final List<Instance> instances = new ArrayList<>();
    private final List<ElectionProcess> processes = new ArrayList<>();

    @BeforeAll
    static void start() {
        cluster = KafkaCluster.start(3, 1);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void createTopic() {
        new TopicCreation(topic, 3, ByteSize.ofMebibytes(1)).create(cluster.admin(), Patience.LONG);
        cluster.awaitInSync(topic);
    }

    @AfterEach
    void close() {
        cluster.mend(0);
        instances.forEach(Instance::close);
        processes.forEach(ElectionProcess::close);
    }

    private record News(boolean elected, long nanos, long naps) {}

    private final class Instance implements Election.Candidate {
        final List<News> news = new CopyOnWriteArrayList<>();
        final KafkaElection election;
        private final Clients clients;

        Instance(String bootstrapServers) {
            KafkaSettings settings =
                    new KafkaSettings(bootstrapServers, topic, null, Duration.ZERO, SESSION, 1_000, null);
            clients = Clients.of(settings);
            election = KafkaElection.of(settings, clients, topic);
            instances.add(this);
            election.begin(this);
        }

        @Override
        public void elected() {
            news.add(new News(true, System.nanoTime(), Naps.nanos()));
        }

        @Override
        public void dismissed() {
            news.add(new News(false, System.nanoTime(), Naps.nanos()));
        }

        boolean isElected() {
            return !news.isEmpty() && last().elected();
        }

        News last() {
            return news.get(news.size() - 1);
        }

        List<Boolean> heard() {
            return news.stream().map(News::elected).toList();
        }

        void close() {
            election.close();
            clients.close();
        }
    }

    private Instance electedAlone() {
        Instance first = new Instance(cluster.bootstrapServers());
        await().until(first::isElected);
        return first;
    }

    private Instance another() {
        Instance next = new Instance(cluster.bootstrapServers());
        awaitMembers(instances.size());
        return next;
    }

    private void awaitMembers(int count) {
        await(count + " members").ignoreExceptions().until(() -> {
            var group = cluster.admin()
                    .describeConsumerGroups(List.of(topic))
                    .describedGroups()
                    .get(topic)
                    .get();
            return group.groupState() == GroupState.STABLE && group.members().size() == count;
        });
    }

    private OffsetAndMetadata place() throws Exception {
        return cluster.admin()
                .listConsumerGroupOffsets(topic)
                .partitionsToOffsetAndMetadata()
                .get()
                .get(new TopicPartition(topic, 0));
    }

    private void awaitPlace(long offset, String metadata) {
        await("the place " + offset)
                .ignoreExceptions()
                .until(() -> place().offset() == offset && place().metadata().equals(metadata));
    }

    @Test
    void oneOfThree_isElected_andStaysSoWhileTheOthersCome() {
        Instance first = electedAlone();
        Instance second = another();
        Instance third = another();

        assertThat(first.heard()).containsExactly(true);
        assertThat(second.heard()).isEmpty();
        assertThat(third.heard()).isEmpty();
    }

    @Test
    void close_movesItAtOnce() {
        Instance first = electedAlone();
        Instance second = another();
        Instance third = another();
        long begun = Naps.nanos();
        first.close();

        await().until(() -> second.isElected() || third.isElected());
        News taken = second.isElected() ? second.last() : third.last();
        System.out.println("taken over after a close: " + millis(taken.naps() - begun) + " ms");
        assertThat(taken.naps() - begun).isLessThan(SESSION.toNanos());
        assertThat(first.heard()).containsExactly(true, false);
        assertThat(first.last().nanos()).isLessThan(taken.nanos());
        assertThat(second.news.size() + third.news.size()).isEqualTo(1);
    }

    @Test
    void stepDown_movesIt_andStandsAgainAfterTheRest_ofNoEffectWhereNotElected() {
        Instance first = electedAlone();
        Instance second = another();
        second.election.stepDown(Duration.ofHours(1));
        first.election.stepDown(Duration.ofSeconds(1));
        await().until(second::isElected);
        assertThat(first.heard()).containsExactly(true, false);
        assertThat(first.last().nanos()).isLessThan(second.last().nanos());

        awaitMembers(2);
        second.election.stepDown(Duration.ofHours(1));
        await().until(first::isElected);
        assertThat(second.heard()).containsExactly(true, false);
        assertThat(second.last().nanos()).isLessThan(first.last().nanos());
    }

    @Test
    void stepDown_ofTheOnlyOne_leavesNobodyForTheRest() {
        Instance only = electedAlone();
        Duration rest = Duration.ofSeconds(3);
        only.election.stepDown(rest);
        await().until(() -> only.news.size() == 3);

        assertThat(only.heard()).containsExactly(true, false, true);
        assertThat(only.news.get(2).nanos() - only.news.get(1).nanos()).isGreaterThanOrEqualTo(rest.toNanos());
    }

    @Test
    void place_isKeptByTheElectedAlone_andOutlivesIt() throws Exception {
        Instance first = electedAlone();
        Instance second = another();
        awaitPlace(0, "");
        second.election.keep(43, "of another");
        first.election.keep(42, "first");
        awaitPlace(42, "first");
        first.election.keep(44, "last");
        first.close();

        await().until(second::isElected);
        assertThat(place()).isEqualTo(new OffsetAndMetadata(44, "last"));
        second.election.keep(50, "second");
        awaitPlace(50, "second");
        first.election.keep(60, "of one that is closed");
        second.close();
        assertThat(place()).isEqualTo(new OffsetAndMetadata(50, "second"));
    }

    @Test
    @ShowsEffectOf("journal.kafka.session-timeout")
    void elected_thatIsCutOff_isDismissedByItself_beforeTheNextIsElected() {
        Instance away = new Instance(cluster.bootstrapServers(0));
        await().until(away::isElected);
        Instance there = another();
        long cut = Naps.nanos();
        cluster.cut(0);

        await().until(() -> !away.isElected());
        System.out.println("cut off, dismissed after " + millis(away.last().naps() - cut) + " ms");
        assertThat(away.last().naps() - cut).isLessThan(SESSION.plusSeconds(5).toNanos());
        await().until(there::isElected);
        assertThat(away.last().nanos()).isLessThan(there.last().nanos());

        away.election.keep(9, "cut off");
        cluster.mend(0);
        awaitMembers(2);
        there.election.keep(7, "there");
        awaitPlace(7, "there");
        assertThat(away.heard()).containsExactly(true, false);
        assertThat(there.heard()).containsExactly(true);
    }

    @Test
    void elected_thatStoodStill_hearsThatItIsDismissedFirst_andAnotherWasElectedMeanwhile() {
        ElectionProcess first = process(cluster.bootstrapServers(0));
        await().until(first::isElected);
        ElectionProcess second = process(cluster.bootstrapServers());
        awaitMembers(2);
        long stopped = System.currentTimeMillis();
        first.pause();
        await().until(second::isElected);
        Duration still = Duration.ofSeconds(12);
        await().until(() -> System.currentTimeMillis() - stopped >= still.toMillis());
        long resumed = System.currentTimeMillis();
        cluster.cut(0); // no broker can tell it
        first.resume();

        await().until(() -> first.news().size() > 1);
        cluster.mend(0);
        awaitMembers(2);
        assertThat(first.news()).extracting(ElectionProcess.News::elected).containsExactly(true, false);
        assertThat(second.news()).extracting(ElectionProcess.News::elected).containsExactly(true);
        System.out.println("stood still, dismissed after "
                + (first.news().get(1).at() - resumed) + " ms; the next was elected "
                + (second.news().get(0).at() - stopped) + " ms after it had stopped");
        assertThat(first.news().get(1).at() - resumed).isLessThan(5_000);
    }

    @Test
    void killedElected_isReplacedWithinItsSession() {
        for (int i = 0; i < 3; i++) {
            process(cluster.bootstrapServers());
        }
        awaitMembers(3);
        List<Long> took = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            await().until(() -> electedProcesses().size() == 1);
            ElectionProcess elected = electedProcesses().get(0);
            processes.remove(elected);
            long killed = System.currentTimeMillis();
            elected.kill();
            await().until(() -> !electedProcesses().isEmpty());
            List<ElectionProcess.News> news = electedProcesses().get(0).news();
            long at = news.get(news.size() - 1).at();
            took.add(at - killed);
            assertThat(at).as("not before").isGreaterThanOrEqualTo(killed);
            process(cluster.bootstrapServers());
            awaitMembers(3);
        }
        List<Long> sorted = took.stream().sorted().toList();
        System.out.println("killed, replaced after: p50 " + sorted.get(sorted.size() / 2) + " ms, worst "
                + sorted.get(sorted.size() - 1) + " ms of " + took);
        assertThat(sorted.get(sorted.size() - 1))
                .isLessThan(SESSION.plusSeconds(15).toMillis());
        assertThat(processes).allSatisfy(process -> assertThat(process.news()).hasSizeLessThanOrEqualTo(1));
    }

    private ElectionProcess process(String bootstrapServers) {
        ElectionProcess process = ElectionProcess.start(bootstrapServers, topic, SESSION);
        processes.add(process);
        return process;
    }

    private List<ElectionProcess> electedProcesses() {
        return processes.stream().filter(ElectionProcess::isElected).toList();
    }

    private static long millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis();
    }
}
