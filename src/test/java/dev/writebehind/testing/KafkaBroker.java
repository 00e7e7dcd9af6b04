package dev.writebehind.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One broker and controller of a {@link KafkaCluster}, in a process of its own, which may be killed, paused and started
 * again. For one thread.
 */
final class KafkaBroker {
    private static final Pattern STARTED = Pattern.compile("Kafka Server started");
    private static final Duration START_WITHIN = Duration.ofMinutes(2);

    private static final String OWN = """
            process.roles=broker,controller
            node.id=%d
            controller.quorum.voters=%s
            listeners=%s
            advertised.listeners=%s
            listener.security.protocol.map=%s
            controller.listener.names=CONTROLLER
            inter.broker.listener.name=PLAIN
            log.dirs=%s
            """;

    /** Quick to notice that another one is gone: at twice a second, and after two and a half seconds. */
    static final String QUICK = """
            broker.session.timeout.ms=2500
            broker.heartbeat.interval.ms=400
            controller.quorum.fetch.timeout.ms=1500
            controller.quorum.election.timeout.ms=500
            controller.quorum.election.backoff.max.ms=500
            controller.quorum.request.timeout.ms=1500
            replica.fetch.backoff.ms=100
            default.replication.factor=3
            min.insync.replicas=2
            unclean.leader.election.enable=false
            auto.create.topics.enable=false
            offsets.topic.replication.factor=3
            transaction.state.log.replication.factor=3
            transaction.state.log.min.isr=2
            group.initial.rebalance.delay.ms=0
            group.min.session.timeout.ms=1000
            group.consumer.min.session.timeout.ms=1000
            group.consumer.min.heartbeat.interval.ms=200
            """;

    private static final String SMALL = """
            offsets.topic.num.partitions=2
            transaction.state.log.num.partitions=2
            num.network.threads=2
            num.io.threads=4
            num.replica.fetchers=1
            background.threads=2
            num.recovery.threads.per.data.dir=1
            log.cleaner.dedupe.buffer.size=8388608
            log.cleaner.io.buffer.size=131072
            log.index.size.max.bytes=1048576
            """;

    private static final String LOGBACK = """
            <configuration>
              <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d{"HH:mm:ss.SSS"} %-5level [%thread] %logger{20} - %msg%n</pattern></encoder>
              </appender>
              <logger name="kafka.server.KafkaRaftServer" level="INFO"/>
              <logger name="org.apache.kafka.clients.NetworkClient" level="ERROR"/>
              <root level="WARN"><appender-ref ref="console"/></root>
            </configuration>
            """;

    private final int id;
    private final int port;
    private final Path home;
    private final String clusterId;
    private ChildProcess process;
    private int starts;
    private boolean isPaused;

    /** Where a client reaches a broker: on a port of its own, in whose place it is told that address. */
    record Listener(String name, int port, String advertised) {}

    /**
     * Writes its settings.
     *
     * @param listeners the first is for the brokers among themselves
     * @param controllers the ports of all controllers, by id from 1
     * @param settings lines of what is no broker's own
     */
    KafkaBroker(
            int id, List<Listener> listeners, List<Integer> controllers, String settings, Path home, String clusterId) {
        this.id = id;
        this.port = listeners.get(0).port();
        this.home = home;
        this.clusterId = clusterId;
        List<String> voters = new ArrayList<>();
        for (int i = 0; i < controllers.size(); i++) {
            voters.add((i + 1) + "@127.0.0.1:" + controllers.get(i));
        }
        List<String> bound = new ArrayList<>(List.of("CONTROLLER://127.0.0.1:" + controllers.get(id - 1)));
        List<String> advertised = new ArrayList<>();
        List<String> protocols = new ArrayList<>(List.of("CONTROLLER:PLAINTEXT"));
        for (Listener listener : listeners) {
            bound.add(listener.name() + "://127.0.0.1:" + listener.port());
            advertised.add(listener.name() + "://" + listener.advertised());
            protocols.add(listener.name() + ":PLAINTEXT");
        }
        try {
            Files.createDirectories(home);
            Files.writeString(home.resolve("logback.xml"), LOGBACK);
            Files.writeString(
                    home.resolve("server.properties"),
                    OWN.formatted(
                                    id,
                                    String.join(",", voters),
                                    String.join(",", bound),
                                    String.join(",", advertised),
                                    String.join(",", protocols),
                                    data())
                            + settings
                            + "\n"
                            + SMALL);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it on whatever data there are; {@link #awaitStarted} waits. */
    void start() {
        try {
            if (!Files.exists(data())) {
                format();
            }
            process = JavaCommand.of("Kafka broker " + id)
                    .with("-Dlogback.configurationFile=" + home.resolve("logback.xml"))
                    .with(KafkaProgram.arguments().toArray(String[]::new))
                    .with(home.resolve("server.properties").toString())
                    .at(home)
                    .readyAt(STARTED)
                    .logTo(home.resolve("broker-" + ++starts + ".log"))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it serves; fails when it doesn't get there. */
    void awaitStarted() {
        try {
            process.awaitReady(START_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Kills it without a word. */
    void kill() {
        process.close();
        isPaused = false;
    }

    /** Stops all its threads where they are. */
    void pause() {
        signal("-STOP");
        isPaused = true;
    }

    /** Lets them go on. */
    void resume() {
        signal("-CONT");
        isPaused = false;
    }

    /** Removes all that it has kept; it must not run. */
    void wipe() {
        if (process.isAlive()) {
            throw new IllegalStateException("the Kafka broker " + id + " still runs: kill it first");
        }
        try (Stream<Path> files = Files.walk(data())) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it is neither killed nor paused. */
    boolean isRunning() {
        return process.isAlive() && !isPaused;
    }

    /** Returns the address that leads to it directly. */
    String address() {
        return "127.0.0.1:" + port;
    }

    /** Returns the number of its process. */
    long pid() {
        return process.pid();
    }

    private void signal(String signal) {
        if (!Command.run("kill", signal, String.valueOf(process.pid()))) {
            throw new IllegalStateException("the Kafka broker " + id + " got no " + signal);
        }
    }

    private Path data() {
        return home.resolve("data");
    }

    /** Does what Kafka's own tool takes a process for; features are set in the running cluster. */
    private void format() throws IOException {
        Files.createDirectories(data());
        Files.writeString(data().resolve("meta.properties"), """
                version=1
                cluster.id=%s
                node.id=%d
                directory.id=%s
                """.formatted(clusterId, id, randomId()));
    }

    /** Returns a random id as Kafka writes them. */
    static String randomId() {
        UUID id = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        return text.startsWith("-") ? randomId() : text;
    }
}
