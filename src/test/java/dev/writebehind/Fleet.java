package dev.writebehind;

import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.CuttableProxy.Network;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.ProxySide;
import dev.writebehind.testing.Side;
import dev.writebehind.testing.TestDatabase;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * Several instances in processes of their own, which share a log, each reached from and reaching brokers and database
 * over a network of its own that can be cut. Safe for any thread but for starting and ending instances.
 */
final class Fleet implements AutoCloseable {
    private static final Pattern LEADS = Pattern.compile("This instance flushes from now on, in epoch (\\d+)");

    private final KafkaCluster cluster;
    private final String topic = "fleet-" + UUID.randomUUID();
    private final List<Side> waysToDatabase = new ArrayList<>();
    private final List<String> databaseUris = new ArrayList<>();
    private final ChildService[] instances;

    /** Starts as many as the cluster has sides for, which reach the database through proxies. */
    Fleet(KafkaCluster cluster, TestDatabase database, int count) {
        this(cluster, database, count, ProxySide::new);
    }

    /** Starts as many, each of which reaches the database over one of those. */
    Fleet(KafkaCluster cluster, TestDatabase database, int count, Supplier<? extends Side> ways) {
        this.cluster = cluster;
        cluster.createTopic(topic);
        instances = new ChildService[count];
        for (int i = 0; i < count; i++) {
            URI direct = URI.create(database.uri());
            Side way = ways.get();
            waysToDatabase.add(way);
            databaseUris.add(direct.getScheme() + "://" + direct.getUserInfo() + "@" + way.addressOf(direct.getPort())
                    + direct.getPath());
            start(i);
        }
        for (int i = 0; i < count; i++) {
            instances[i].uri("/");
        }
        leader();
    }

    String topic() {
        return topic;
    }

    int size() {
        return instances.length;
    }

    ChildService get(int instance) {
        return instances[instance];
    }

    /** Starts it anew, in the place of one that has ended. */
    void start(int instance) {
        instances[instance] = ChildService.start(
                List.of("-Xmx192m", "-XX:+UseSerialGC"),
                databaseUris.get(instance),
                "journal.kind=kafka",
                "journal.kafka.bootstrap-servers=" + cluster.bootstrapServers(instance),
                "journal.kafka.topic=" + topic,
                "journal.kafka.session-timeout=3s",
                "flush.interval=100ms",
                "database.timeout=3s",
                "ingest.ack-timeout=10s");
    }

    /** Returns the instance that flushes, as far as they have said, once there is one. */
    int leader() {
        return Awaitility.await("an instance that flushes").until(this::lastToLead, leader -> leader >= 0);
    }

    /** Returns the epoch of the last claim that anybody has spoken of; 0: there was none. */
    long epoch() {
        return IntStream.range(0, instances.length)
                .mapToLong(this::lastEpoch)
                .max()
                .orElse(0);
    }

    private int lastToLead() {
        return IntStream.range(0, instances.length)
                .filter(i -> lastEpoch(i) == epoch() && epoch() > 0)
                .findFirst()
                .orElse(-1);
    }

    private long lastEpoch(int instance) {
        return instances[instance].output().stream()
                .map(LEADS::matcher)
                .filter(Matcher::find)
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .max()
                .orElse(0);
    }

    /** Cuts an instance's way to the database, or mends it. */
    void database(int instance, Network network) {
        waysToDatabase.get(instance).set(network);
    }

    @Override
    public void close() {
        for (ChildService instance : instances) {
            instance.close();
        }
        waysToDatabase.forEach(Side::close);
    }
}
