package dev.writebehind.journal.kafka;

import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalUnavailableException;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.ReplicatedLog;
import dev.writebehind.journal.Told;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The replicated log on one partition of a Kafka topic: the brokers give what is appended its order, their clocks and
 * that order its receipt times. Safe for any thread; what it returns completes on threads of its own.
 */
final class KafkaLog implements ReplicatedLog, AutoCloseable {
    private final Clients clients;
    private final MessageCodec codec;
    private final Duration patience;
    private final UUID instance = UUID.randomUUID();
    private final Appender appender;
    private final LogEnd end;
    private volatile @Nullable Follower follower;

    private KafkaLog(Clients clients, KeyPool keys, Duration patience) {
        this.clients = clients;
        this.codec = new MessageCodec(keys);
        this.patience = patience;
        this.appender = new Appender(
                clients.producer(patience),
                clients.partition(),
                codec.encode(new Message.Probe()),
                patience,
                System::nanoTime);
        this.end = new LogEnd(clients.admin(), clients.partition(), patience);
    }

    /**
     * Opens the log; asks no broker yet.
     *
     * @param patience longest wait for the brokers: of an append, of a question where the log ends
     */
    static KafkaLog open(KafkaSettings settings, KeyPool keys, Duration patience) {
        return new KafkaLog(Clients.of(settings), keys, patience);
    }

    @Override
    public CompletionStage<Void> append(long request, LogRecord.Content content) {
        Message message = new Message.Entry(new Origin(instance, request), content);
        return appender.append(codec.encode(message), content.changes());
    }

    @Override
    public CompletionStage<Void> tell(Told told) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long appliedUpTo() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void forget(long upTo) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> caughtUp() {
        Follower following = follower;
        if (following == null) {
            return CompletableFuture.failedStage(new JournalUnavailableException("the log is not followed yet"));
        }
        return end.ask()
                .thenCompose(following::reached)
                .toCompletableFuture()
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(failure -> {
                    throw new JournalUnavailableException(
                            "it is not known what the log holds: " + failure.getMessage());
                });
    }

    @Override
    public void follow(Consumer<LogRecord> handler) {
        Stamps stamps = new Stamps(0);
        follower = new Follower(
                clients.consumer(), clients.partition(), clients.beginning(), record -> apply(record, stamps, handler));
    }

    private void apply(ConsumerRecord<byte[], byte[]> record, Stamps stamps, Consumer<LogRecord> handler) {
        Message message = codec.decode(record.value());
        long firstStamp = stamps.next(record.timestamp(), message.changes());
        if (message instanceof Message.Entry changes) {
            Origin origin = changes.origin();
            boolean isOwn = origin.instance().equals(instance);
            handler.accept(new LogRecord(firstStamp, isOwn, origin.request(), changes.content()));
        }
    }

    @Override
    public JournalState state() {
        Follower following = follower;
        JournalState reading = following == null ? new JournalState.Healthy() : following.state();
        return reading.isHealthy() ? appender.state() : reading;
    }

    @Override
    public boolean hasRoom(int changes) {
        return appender.hasRoom(changes);
    }

    /** Appends what has been given to it, and ends. Blocks. */
    @Override
    public void close() {
        appender.close();
        Follower following = follower;
        if (following != null) {
            following.close();
        }
        clients.close();
    }
}
