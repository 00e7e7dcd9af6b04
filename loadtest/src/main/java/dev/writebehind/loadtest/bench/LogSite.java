package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Sink.Setup;
import dev.writebehind.loadtest.comparison.CpuMeter;
import dev.writebehind.loadtest.comparison.Processes;
import dev.writebehind.loadtest.comparison.RunFailedException;
import dev.writebehind.testing.KafkaCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;

/** Three brokers, a database, and what is started on them, for the service and what it is compared with. */
final class LogSite implements AutoCloseable {
    static final int BROKERS = 3;

    /** As much as the worker of Kafka Connect gets. */
    private static final String HEAP = "1g";

    private static final Map<String, String> AS_THE_SERVICE_NEEDS = Map.of(
            "min.insync.replicas",
            "2",
            "message.timestamp.type",
            "LogAppendTime",
            "retention.ms",
            "-1",
            "cleanup.policy",
            "delete",
            "unclean.leader.election.enable",
            "false");

    private final Processes processes;
    private final String serverUri;
    private final Path files;
    private final KafkaCluster cluster;
    private final AtomicInteger topics = new AtomicInteger();

    private LogSite(Processes processes, String serverUri, Path files, KafkaCluster cluster) {
        this.processes = processes;
        this.serverUri = serverUri;
        this.files = files;
        this.cluster = cluster;
    }

    /** Starts the brokers; returns when they serve. */
    static LogSite open(Processes processes, String serverUri, Path files) {
        return new LogSite(processes, serverUri, files, KafkaCluster.start(BROKERS));
    }

    /** Opens a schema with an empty table. */
    Site table() {
        return Site.open(processes, serverUri, files, "log");
    }

    Processes processes() {
        return processes;
    }

    /** Creates a topic as the service needs it, with that many partitions; returns its name. */
    String topic(int partitions) throws InterruptedException {
        String name = "completions-" + topics.incrementAndGet();
        if (partitions == 1) {
            cluster.createTopic(name, AS_THE_SERVICE_NEEDS);
        } else {
            try {
                NewTopic topic = new NewTopic(name, partitions, (short) BROKERS).configs(AS_THE_SERVICE_NEEDS);
                cluster.admin().createTopics(List.of(topic)).all().get();
            } catch (ExecutionException e) {
                throw new RunFailedException("no topic: " + e.getCause());
            }
            cluster.awaitInSync(name);
        }
        return name;
    }

    /** Adds partitions to a topic. */
    void widen(String topic, int partitions) throws InterruptedException {
        try {
            cluster.admin()
                    .createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new RunFailedException("no further partitions: " + e.getCause());
        }
        cluster.awaitInSync(topic);
    }

    /** Returns how many records were ever appended to a topic. */
    long records(String topic) throws InterruptedException {
        try {
            return Sink.ends(cluster.admin(), topic).values().stream()
                    .mapToLong(end -> end)
                    .sum();
        } catch (ExecutionException e) {
            throw new RunFailedException("the brokers do not tell how long a topic is: " + e.getCause());
        }
    }

    RunningTarget service(Site site, String topic) throws InterruptedException {
        return site.service(HEAP, serviceSettings(topic));
    }

    /** Returns the settings by which the service uses that topic. */
    Map<String, String> serviceSettings(String topic) {
        return Map.of(
                "WRITEBEHIND_JOURNAL_KIND",
                "kafka",
                "WRITEBEHIND_JOURNAL_KAFKA_TOPIC",
                topic,
                "WRITEBEHIND_JOURNAL_KAFKA_BOOTSTRAP_SERVERS",
                cluster.bootstrapServers());
    }

    /** Starts the server that hands writes to that topic. */
    RunningTarget bridge(Site site, String topic, boolean keyless) throws InterruptedException {
        List<String> settings = new ArrayList<>(
                List.of("--port", "0", "--topic", topic, "--bootstrap-servers", cluster.bootstrapServers()));
        if (keyless) {
            settings.add("--keyless");
        }
        return site.bareLogServer(settings.toArray(String[]::new));
    }

    /** Starts a worker for sinks. */
    ConnectWorker worker(Site site) throws InterruptedException, IOException {
        return site.connect(cluster.bootstrapServers());
    }

    /** Starts the sink of that topic. */
    Sink sink(ConnectWorker worker, Site site, String topic, Setup setup) throws InterruptedException, IOException {
        return Sink.start(worker, cluster.admin(), topic, site.databaseUri(), setup);
    }

    /** Returns the processor time that all brokers have used. */
    double brokersCpu() {
        double seconds = 0;
        for (String address : cluster.bootstrapServers().split(",", -1)) {
            int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
            seconds += CpuMeter.seconds(CpuMeter.listenerOn(port).orElseThrow());
        }
        return seconds;
    }

    @Override
    public void close() {
        cluster.close();
    }
}
