package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** For how long callers are refused, or wait, when an instance or a broker is killed or stands still: over many. */
class RefusalIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int INSTANCES = 3;
    private static final int KILLS = 20;
    private static final int WRITES = 20;
    private static final long GOAL_MILLIS = 5_000;

    /** A new leading controller lets all brokers' sessions begin anew: its election and a session have to fit. */
    private static final Map<String, String> BROKERS = Map.of(
            "broker.session.timeout.ms", "2000",
            "controller.quorum.fetch.timeout.ms", "1000");

    /** Another controller is elected first, and only then begins to wait for the broker that stands still. */
    private static final long CONTROLLER_MILLIS = 8_000;

    /** Clients that are connected to nobody else may try that broker again before they ask another. */
    private static final long FROZEN_MILLIS = 8_000;

    private static KafkaCluster cluster;

    @BeforeAll
    static void startBrokers() {
        assumeThat(FULL).as("minutes of kills, with -Pfull").isTrue();
        cluster = KafkaCluster.start(3, INSTANCES, BROKERS);
    }

    @AfterAll
    static void stopBrokers() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void flusherKilled_overAndOver_nobodyWaits5Seconds_alsoForTheTable() {
        measure("flusher killed", GOAL_MILLIS, (fleet, all) -> {
            int leader = fleet.leader();
            long epoch = fleet.epoch();
            fleet.get(leader).kill();
            all.forEach(callers -> callers.without(leader));
            fleet.get(leader).close();
            Awaitility.await("another instance that flushes").until(() -> fleet.epoch() > epoch);
            fleet.start(leader);
            fleet.get(leader).uri("/");
            all.forEach(callers -> callers.with(leader));
        });
    }

    @Test
    void leadingBrokerKilled_overAndOver_nobodyWaits5Seconds_alsoForTheTable() {
        measure("leading broker killed", GOAL_MILLIS, (fleet, all) -> {
            lead(fleet, all, cluster.follower());
            assertThat(cluster.leaderOf(fleet.topic())).isNotEqualTo(cluster.controller());
            killLeader(fleet);
        });
    }

    @Test
    void leadingBrokerKilled_whichIsTheControllerToo_nobodyWaits5Seconds_alsoForTheTable() {
        measure("leading broker and controller killed", GOAL_MILLIS, (fleet, all) -> {
            lead(fleet, all, cluster.controller());
            assertThat(cluster.leaderOf(fleet.topic())).isEqualTo(cluster.controller());
            killLeader(fleet);
        });
    }

    /** As when its machine loses its power or its network: no connection is reset, and none answers. */
    @Test
    void leadingBrokerStandsStill_overAndOver_isLeftForAnother_byWhoAppendsAndByWhoReads() {
        measure("leading broker frozen", FROZEN_MILLIS, (fleet, all) -> {
            lead(fleet, all, cluster.follower());
            freeze(cluster.leaderOf(fleet.topic()), fleet, all);
        });
    }

    @Test
    void controllerStandsStill_overAndOver_untilTheBrokersHaveAnother_nobodyWaitsLonger() {
        measure("controller frozen", CONTROLLER_MILLIS, (fleet, all) -> freeze(cluster.controller(), fleet, all));
    }

    /** Has that broker lead; what the callers waited for that is no part of what is measured. */
    private static void lead(Fleet fleet, List<StubbornCallers> all, int broker) {
        cluster.lead(fleet.topic(), broker);
        all.forEach(callers -> callers.awaitMore(WRITES));
        all.forEach(StubbornCallers::longestMillis);
    }

    private static void killLeader(Fleet fleet) {
        int broker = cluster.leaderOf(fleet.topic());
        long begun = System.nanoTime();
        cluster.kill(broker);
        Awaitility.await("another broker that leads").until(() -> cluster.leaderOf(fleet.topic()) != broker);
        System.out.printf("another leads after %d ms%n", (System.nanoTime() - begun) / 1_000_000);
        cluster.restart(broker);
        cluster.awaitInSync(fleet.topic());
    }

    private static void freeze(int broker, Fleet fleet, List<StubbornCallers> all) {
        cluster.pause(broker);
        try {
            Awaitility.await("the brokers to leave it")
                    .ignoreExceptions()
                    .until(() -> cluster.inSync(fleet.topic()) == 2 && cluster.leaderOf(fleet.topic()) != broker);
            all.forEach(callers -> callers.awaitMore(WRITES));
        } finally {
            cluster.resume(broker);
        }
        cluster.awaitInSync(fleet.topic());
    }

    private interface Kill {
        void once(Fleet fleet, List<StubbornCallers> all);
    }

    private static void measure(String name, long goalMillis, Kill kill) {
        List<Long> journal = new ArrayList<>();
        List<Long> table = new ArrayList<>();
        try (TestDatabase database = TestDatabase.create();
                Fleet fleet = new Fleet(cluster, database, INSTANCES);
                StubbornCallers forJournal = new StubbornCallers(fleet, 1, "?ack=journal");
                StubbornCallers forTable = new StubbornCallers(fleet, 101, "?ack=database")) {
            List<StubbornCallers> all = List.of(forJournal, forTable);
            all.forEach(callers -> callers.awaitMore(WRITES));
            all.forEach(StubbornCallers::longestMillis);
            for (int i = 0; i < KILLS; i++) {
                kill.once(fleet, all);
                all.forEach(callers -> callers.awaitMore(WRITES));
                journal.add(forJournal.longestMillis());
                table.add(forTable.longestMillis());
                System.out.printf("%s: ack=journal %d ms, ack=database %d ms%n", name, journal.get(i), table.get(i));
            }
        }
        print(name + ", ack=journal", journal);
        print(name + ", ack=database", table);
        assertThat(journal).allMatch(millis -> millis < goalMillis);
        assertThat(table).allMatch(millis -> millis < goalMillis);
    }

    private static void print(String name, List<Long> millis) {
        List<Long> sorted = millis.stream().sorted().toList();
        System.out.printf(
                "%s: longest wait of each of %d times: p50 %d ms, worst %d ms%n",
                name, sorted.size(), sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1));
    }
}
