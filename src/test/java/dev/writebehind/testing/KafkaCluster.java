package dev.writebehind.testing;

import dev.writebehind.testing.CuttableProxy.Network;
import dev.writebehind.testing.KafkaBroker.Listener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeMetadataQuorumOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.SupportedVersionRange;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.awaitility.Awaitility;

/**
 * Kafka brokers, each a controller too, in processes of their own on loopback, with ids from 1. Clients reach them
 * directly or from a side: over a network between that side and all brokers that can be cut. For one thread.
 */
public final class KafkaCluster implements AutoCloseable {
    /** Below those that the system gives to outgoing connections: a broker that is away finds its own free again. */
    private static final int FIRST_PORT = 10_000;

    private static final int END_OF_PORTS = 30_000;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** A paused broker does not answer: then another one is asked. */
    private static final int ONE_TRY_MILLIS = 3_000;

    private final List<KafkaBroker> brokers = new ArrayList<>();
    private final List<Side> sides;
    private final List<String> bootstrapOfSides;
    private final Admin admin;

    private KafkaCluster(int count, List<Side> sides, String settings) {
        this.sides = sides;
        Path home = TemporaryDirectory.create("kafka");
        String clusterId = KafkaBroker.randomId();
        List<Integer> controllers =
                IntStream.range(0, count).mapToObj(i -> freePort()).toList();
        List<List<String>> addresses = new ArrayList<>();
        sides.forEach(side -> addresses.add(new ArrayList<>()));
        for (int id = 1; id <= count; id++) {
            int port = freePort();
            List<Listener> listeners = new ArrayList<>(List.of(new Listener("PLAIN", port, "127.0.0.1:" + port)));
            for (int side = 0; side < sides.size(); side++) {
                int target = freePort();
                String address = sides.get(side).addressOf(target);
                addresses.get(side).add(address);
                listeners.add(new Listener("SIDE" + side, target, address));
            }
            brokers.add(new KafkaBroker(id, listeners, controllers, settings, home.resolve("broker-" + id), clusterId));
        }
        bootstrapOfSides =
                addresses.stream().map(each -> String.join(",", each)).toList();
        brokers.forEach(KafkaBroker::start);
        brokers.forEach(KafkaBroker::awaitStarted);
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()));
        finalizeFeatures();
    }

    /** Starts as many brokers; returns when all serve. */
    public static KafkaCluster start(int brokers) {
        return start(brokers, List.of());
    }

    /** Starts as many brokers, reached from as many sides through proxies. */
    public static KafkaCluster start(int brokers, int sides) {
        return start(brokers, sides, Map.of());
    }

    /** Starts as many brokers, with those settings in place of the usual ones, reached from as many sides. */
    public static KafkaCluster start(int brokers, int sides, Map<String, String> settings) {
        List<ProxySide> proxies = Stream.generate(ProxySide::new).limit(sides).toList();
        return new KafkaCluster(brokers, List.copyOf(proxies), KafkaBroker.QUICK + lines(settings));
    }

    /** Starts as many brokers, reached from those sides, which are closed with it. */
    public static KafkaCluster start(int brokers, List<? extends Side> sides) {
        return new KafkaCluster(brokers, List.copyOf(sides), KafkaBroker.QUICK);
    }

    /** Starts three brokers with those settings, besides what makes them small; returns when all serve. */
    public static KafkaCluster startWith(Map<String, String> settings) {
        return new KafkaCluster(3, List.of(), lines(settings));
    }

    private static String lines(Map<String, String> settings) {
        return settings.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue())
                .collect(Collectors.joining("\n"));
    }

    /** Returns three brokers that all tests of this process share, none of which may be harmed. */
    public static KafkaCluster shared() {
        return Shared.CLUSTER;
    }

    /** Returns what leads to all brokers directly. */
    public String bootstrapServers() {
        return brokers.stream().map(KafkaBroker::address).collect(Collectors.joining(","));
    }

    /** Returns what leads there from a side, counted from 0. */
    public String bootstrapServers(int side) {
        return bootstrapOfSides.get(side);
    }

    /** Creates a topic as the service wants it, on all brokers. */
    public void createTopic(String name) {
        createTopic(
                name,
                Map.of("message.timestamp.type", "LogAppendTime", "min.insync.replicas", "2", "retention.ms", "-1"));
    }

    /** Creates a topic of one partition, a replica on each broker, that takes records of what http.max-body allows. */
    public void createTopic(String name, Map<String, String> config) {
        Map<String, String> all = new HashMap<>(Map.of("max.message.bytes", String.valueOf(65 << 20)));
        all.putAll(config);
        await(admin.createTopics(List.of(new NewTopic(name, 1, (short) brokers.size()).configs(all)))
                .all());
        awaitInSync(name);
    }

    /** Returns what tells of the cluster and changes it; closed with it. */
    public Admin admin() {
        return admin;
    }

    /** Kills a broker without a word, as a crash of its machine would. */
    public void kill(int broker) {
        broker(broker).kill();
    }

    /** Starts a killed broker on what it has kept; returns when it serves. */
    public void restart(int broker) {
        broker(broker).start();
        broker(broker).awaitStarted();
    }

    /** Deletes all that a killed broker has kept. */
    public void wipe(int broker) {
        broker(broker).wipe();
    }

    /** Stops a broker where it is, its connections open. */
    public void pause(int broker) {
        broker(broker).pause();
    }

    /** Lets it go on. */
    public void resume(int broker) {
        broker(broker).resume();
    }

    /** Cuts a side off: what is sent in either direction waits until it is mended. */
    public void cut(int side) {
        set(side, Network.CUT);
    }

    /** Cuts a side off from answers alone: brokers do what it asks and can't tell it. */
    public void cutAnswers(int side) {
        set(side, Network.ANSWERS_CUT);
    }

    /** Cuts a side off so that it notices: its connections are reset, new ones too. */
    public void reset(int side) {
        set(side, Network.RESETTING);
    }

    /** Ends each of these. */
    public void mend(int side) {
        set(side, Network.WHOLE);
    }

    /** Returns the broker that leads a topic's partition, once there is one. */
    public int leaderOf(String topic) {
        return Awaitility.await("a leader of " + topic)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> partition(topic).leader(), leader -> leader != null && !leader.isEmpty())
                .id();
    }

    /** Returns the broker whose controller leads, once there is one. */
    public int controller() {
        return Awaitility.await("a controller that leads")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> await(admin.describeMetadataQuorum(
                                                new DescribeMetadataQuorumOptions().timeoutMs(ONE_TRY_MILLIS))
                                        .quorumInfo())
                                .leaderId(),
                        leader -> leader > 0);
    }

    /** Has that broker lead the topic, all of whose replicas are in sync. */
    public void lead(String topic, int broker) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<Integer> others = IntStream.rangeClosed(1, brokers.size())
                .filter(id -> id != broker)
                .boxed()
                .toList();
        List<Integer> preferred = new ArrayList<>(List.of(broker));
        preferred.addAll(others);
        await(admin.alterPartitionReassignments(Map.of(partition, Optional.of(new NewPartitionReassignment(preferred))))
                .all());
        Awaitility.await("broker " + broker + " to lead " + topic)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> {
                    await(admin.electLeaders(ElectionType.PREFERRED, Set.of(partition))
                            .partitions());
                    return leaderOf(topic) == broker;
                });
    }

    /** Returns any broker that does not lead the controllers. */
    public int follower() {
        int controller = controller();
        List<Integer> others = IntStream.rangeClosed(1, brokers.size())
                .filter(id -> id != controller)
                .boxed()
                .toList();
        return others.get(ThreadLocalRandom.current().nextInt(others.size()));
    }

    /** Returns a broker that neither leads the topic nor the controllers, if there is one; else one that follows. */
    public int followerOf(String topic) {
        int leader = leaderOf(topic);
        int controller = controller();
        return IntStream.rangeClosed(1, brokers.size())
                .filter(id -> id != leader)
                .boxed()
                .min((a, b) -> Boolean.compare(a == controller, b == controller))
                .orElseThrow();
    }

    /** Waits until all brokers have all that the topic's leader has. */
    public void awaitInSync(String topic) {
        Awaitility.await("all replicas of " + topic)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> inSync(topic) == brokers.size());
    }

    /** Returns how many brokers have all that the topic's leader has, and are known to be there. */
    public int inSync(String topic) {
        return partition(topic).isr().size();
    }

    /** Returns the numbers of the brokers' processes. */
    List<Long> pids() {
        return brokers.stream().map(KafkaBroker::pid).toList();
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
        end();
    }

    private void end() {
        brokers.stream()
                .filter(KafkaBroker::isRunning)
                .findFirst()
                .ifPresent(broker -> KafkaProgram.archive(broker.pid()));
        brokers.forEach(KafkaBroker::kill);
        sides.forEach(Side::close);
    }

    private void set(int side, Network network) {
        sides.get(side).set(network);
    }

    private KafkaBroker broker(int id) {
        return brokers.get(id - 1);
    }

    private TopicPartitionInfo partition(String topic) {
        return await(admin.describeTopics(Set.of(topic), new DescribeTopicsOptions().timeoutMs(ONE_TRY_MILLIS))
                        .allTopicNames())
                .get(topic)
                .partitions()
                .get(0);
    }

    /** As the tool does that formats a new cluster's disks. */
    private void finalizeFeatures() {
        FeatureMetadata known = await(admin.describeFeatures().featureMetadata());
        Map<String, FeatureUpdate> updates = new HashMap<>();
        for (Map.Entry<String, SupportedVersionRange> feature :
                known.supportedFeatures().entrySet()) {
            if (!Set.of("metadata.version", "kraft.version").contains(feature.getKey())) {
                short newest = feature.getValue().maxVersion();
                updates.put(feature.getKey(), new FeatureUpdate(newest, FeatureUpdate.UpgradeType.UPGRADE));
            }
        }
        await(admin.updateFeatures(updates, new UpdateFeaturesOptions()).all());
    }

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns a port that is free on loopback, and that no outgoing connection is given. */
    public static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, END_OF_PORTS);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException e) {
                // taken: another one
            }
        }
    }

    /** Started when first asked for; it ends with this process. */
    private static final class Shared {
        static final KafkaCluster CLUSTER = start();

        private static KafkaCluster start() {
            KafkaCluster cluster = KafkaCluster.start(3);
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::end, "stop Kafka"));
            return cluster;
        }
    }
}
