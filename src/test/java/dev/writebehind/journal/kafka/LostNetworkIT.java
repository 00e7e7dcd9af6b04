package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.testing.CuttableProxy.Network;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.NetworkNamespace;
import dev.writebehind.testing.Side;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A network that lost everything, and carries it again: connections of before wait until the system sends something
 * once more, which is after as long as it was lost. That is not to be waited for.
 */
class LostNetworkIT {
    /** Just after the system has last tried it: the next time is ten seconds later. */
    private static final Duration LOST = Duration.ofSeconds(15);

    private static final Duration BACK_WITHIN = Duration.ofSeconds(6);

    private static Optional<NetworkNamespace> namespace = Optional.empty();

    @BeforeAll
    static void create() {
        namespace = NetworkNamespace.create();
        assumeTrue(namespace.isPresent(), "needs the right to make network namespaces, and the programs for it");
    }

    @AfterAll
    static void close() {
        namespace.ifPresent(NetworkNamespace::close);
    }

    @Test
    void network_isBack_logTakesAndIsReadWithinSeconds() {
        Side side = namespace.orElseThrow().side();
        try (KafkaCluster cluster = KafkaCluster.start(3, List.of(side))) {
            cluster.createTopic("lost");
            try (KafkaLog log = open(cluster.bootstrapServers(0))) {
                Awaitility.await().until(() -> isTaken(log) && isRead(log));
                side.set(Network.CUT);
                long cut = Naps.nanos();
                Awaitility.await().until(() -> {
                    isTaken(log);
                    return Naps.since(cut).compareTo(LOST) > 0;
                });
                side.set(Network.WHOLE);
                long mended = Naps.nanos();
                Awaitility.await().until(() -> isTaken(log));
                assertThat(Naps.since(mended)).as("until it takes").isLessThan(BACK_WITHIN);
                Awaitility.await().until(() -> isRead(log));
                assertThat(Naps.since(mended)).as("until it is read").isLessThan(BACK_WITHIN);
            }
        }
    }

    private static KafkaLog open(String servers) {
        KafkaSettings settings =
                new KafkaSettings(servers, "lost", null, Duration.ofMillis(5), Duration.ofSeconds(6), 1_000_000, null);
        KafkaLog log = new KafkaLog(
                settings,
                new MessageCodec(new KeyPool()),
                Duration.ofSeconds(2),
                ByteSize.ofMebibytes(1),
                place -> {},
                Duration.ofMinutes(10),
                System::nanoTime);
        log.follow(record -> {});
        return log;
    }

    private static boolean isTaken(KafkaLog log) {
        KeyPool keys = new KeyPool();
        CompletionKey key = new CompletionKey(1, keys.course("c"), keys.block("b"));
        return isDone(log.append(0, new Writes(List.of(new CompletionWrite(key, 1)))));
    }

    private static boolean isRead(KafkaLog log) {
        return isDone(log.caughtUp());
    }

    private static boolean isDone(CompletionStage<Void> asked) {
        return asked.handle((done, failure) -> failure == null)
                .toCompletableFuture()
                .join();
    }
}
