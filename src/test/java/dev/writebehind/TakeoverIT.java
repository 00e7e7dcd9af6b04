package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.CuttableProxy.Network;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.NetworkNamespace;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.ProxySide;
import dev.writebehind.testing.Side;
import dev.writebehind.testing.TestDatabase;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three instances and three brokers in processes of their own, under load, while something goes wrong: nothing that was
 * acknowledged is lost, no row differs, none is back that a reset deleted, and no read is older than the caller's last
 * acknowledgement.
 */
class TakeoverIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int INSTANCES = 3;
    private static final int WRITES_AT_LEAST = 100;

    /** The others take minutes. */
    private static final Set<Trouble> USUAL =
            EnumSet.of(Trouble.FLUSHER_KILLED, Trouble.ALL_KILLED_WHILE_THE_DATABASE_IS_AWAY);

    /** Where connections are to hang for lost packets. The proxies' hold back bytes, and can reset connections. */
    private static final Set<Trouble> PACKETS_LOST = EnumSet.of(
            Trouble.FLUSHER_CUT_OFF_FROM_BROKERS,
            Trouble.FLUSHER_CUT_OFF_FROM_DATABASE,
            Trouble.FLUSHER_CUT_OFF_FROM_BOTH);

    private static Optional<NetworkNamespace> namespace = Optional.empty();
    private static KafkaCluster cluster;

    private enum Trouble {
        FLUSHER_KILLED,
        FOLLOWER_KILLED,
        ALL_KILLED_WHILE_THE_DATABASE_IS_AWAY,
        LEADING_BROKER_KILLED,
        CONTROLLER_LOST_WITH_ITS_DISK,
        FLUSHER_STANDS_STILL,
        FLUSHER_CUT_OFF_FROM_BROKERS,
        FLUSHER_CUT_OFF_FROM_DATABASE,
        FLUSHER_CUT_OFF_FROM_BOTH,
        ROLLING_RESTART,
        DATABASE_AWAY
    }

    @BeforeAll
    static void startBrokers() {
        namespace = FULL ? NetworkNamespace.create() : namespace;
        Supplier<Side> sides =
                namespace.<Supplier<Side>>map(there -> there::side).orElse(ProxySide::new);
        cluster = KafkaCluster.start(3, Stream.generate(sides).limit(INSTANCES).toList());
    }

    @AfterAll
    static void stopBrokers() {
        cluster.close();
        namespace.ifPresent(NetworkNamespace::close);
    }

    static Stream<Trouble> troubles() {
        return Stream.of(Trouble.values()).filter(trouble -> FULL || USUAL.contains(trouble));
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void trouble_underLoad_losesNothing_andBringsNothingBack(Trouble trouble) throws Exception {
        try (TestDatabase database = TestDatabase.create();
                Fleet fleet = new Fleet(cluster, database, INSTANCES, waysToDatabase(trouble))) {
            FleetLoad load = new FleetLoad(fleet, database, trouble.name().hashCode());
            try (load) {
                load.awaitMore(WRITES_AT_LEAST);
                load.restartStopwatch();
                for (int round = 0; round < (FULL ? 5 : 1); round++) {
                    make(trouble, fleet, load);
                    load.awaitMore(WRITES_AT_LEAST);
                }
            }
            assertThat(fleet.get(fleet.leader())
                            .manage("POST", "/admin/flush?timeout=60s")
                            .statusCode())
                    .isEqualTo(200);
            List<String> wrong = load.wrongRows();
            System.out.printf(
                    "%s: %d writes acknowledged, %d of them by the table, %d refused, %d resets, %d reads, %d faults"
                            + " seen, %d rows wrong; for %d ms at the longest nothing was taken; epoch %d%n",
                    trouble,
                    load.acknowledged.get(),
                    load.awaited.get(),
                    load.refused.get(),
                    load.resets.get(),
                    load.reads.get(),
                    load.faults.size(),
                    wrong.size(),
                    load.longestMillis(),
                    fleet.epoch());
            assertThat(load.faults).isEmpty();
            assertThat(wrong).isEmpty();
            assertThat(load.resets.get()).isPositive();
        }
    }

    private static Supplier<Side> waysToDatabase(Trouble trouble) {
        return namespace
                .filter(there -> PACKETS_LOST.contains(trouble))
                .<Supplier<Side>>map(there -> there::side)
                .orElse(ProxySide::new);
    }

    private static void make(Trouble trouble, Fleet fleet, FleetLoad load) throws InterruptedException {
        int leader = fleet.leader();
        long epoch = fleet.epoch();
        switch (trouble) {
            case FLUSHER_KILLED -> {
                replace(leader, fleet, load);
                awaitSuccessor(fleet, epoch);
            }
            case FOLLOWER_KILLED -> replace((leader + 1) % INSTANCES, fleet, load);
            case ALL_KILLED_WHILE_THE_DATABASE_IS_AWAY -> {
                all().forEach(i -> fleet.database(i, Network.RESETTING));
                load.awaitMore(WRITES_AT_LEAST);
                all().forEach(load::avoid);
                all().forEach(i -> fleet.get(i).kill());
                all().forEach(i -> fleet.database(i, Network.WHOLE));
                for (int i : all()) {
                    replace(i, fleet, load);
                }
            }
            case LEADING_BROKER_KILLED -> {
                int broker = cluster.leaderOf(fleet.topic());
                cluster.kill(broker);
                Thread.sleep(6_000);
                cluster.restart(broker);
                cluster.awaitInSync(fleet.topic());
            }
            case CONTROLLER_LOST_WITH_ITS_DISK -> {
                int broker = cluster.controller();
                cluster.kill(broker);
                cluster.wipe(broker);
                Thread.sleep(6_000);
                cluster.restart(broker);
                cluster.awaitInSync(fleet.topic());
            }
            case FLUSHER_STANDS_STILL -> {
                load.avoid(leader);
                fleet.get(leader).pause();
                awaitSuccessor(fleet, epoch);
                Thread.sleep(15_000);
                fleet.get(leader).resume();
                load.ask(leader);
            }
            case FLUSHER_CUT_OFF_FROM_BROKERS -> {
                cluster.cut(leader);
                awaitSuccessor(fleet, epoch);
                cluster.mend(leader);
            }
            case FLUSHER_CUT_OFF_FROM_DATABASE -> {
                fleet.database(leader, Network.CUT);
                awaitSuccessor(fleet, epoch);
                fleet.database(leader, Network.WHOLE);
            }
            case FLUSHER_CUT_OFF_FROM_BOTH -> {
                cluster.cut(leader);
                fleet.database(leader, Network.CUT);
                awaitSuccessor(fleet, epoch);
                load.awaitMore(WRITES_AT_LEAST);
                cluster.mend(leader);
                fleet.database(leader, Network.WHOLE);
            }
            case ROLLING_RESTART -> {
                for (int i = 0; i < INSTANCES; i++) {
                    load.avoid(i);
                    fleet.get(i).terminate();
                    assertThat(fleet.get(i).exitCode(Patience.LONG)).isZero();
                    fleet.start(i);
                    fleet.get(i).uri("/");
                    load.ask(i);
                }
            }
            case DATABASE_AWAY -> {
                all().forEach(i -> fleet.database(i, Network.RESETTING));
                Thread.sleep(FULL ? 30_000 : 8_000);
                all().forEach(i -> fleet.database(i, Network.WHOLE));
            }
        }
    }

    private static List<Integer> all() {
        return IntStream.range(0, INSTANCES).boxed().toList();
    }

    private static void replace(int instance, Fleet fleet, FleetLoad load) throws InterruptedException {
        load.avoid(instance);
        fleet.get(instance).kill();
        fleet.get(instance).close();
        fleet.start(instance);
        fleet.get(instance).uri("/");
        load.ask(instance);
    }

    private static void awaitSuccessor(Fleet fleet, long epoch) {
        Awaitility.await("another instance that flushes").until(() -> fleet.epoch() > epoch);
    }
}
