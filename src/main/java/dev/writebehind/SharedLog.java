package dev.writebehind;

import static java.util.Objects.requireNonNull;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.config.Settings;
import dev.writebehind.core.Administration.JournalView;
import dev.writebehind.core.Flushing;
import dev.writebehind.core.Replica;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.flush.DeadLetters;
import dev.writebehind.flush.Flusher;
import dev.writebehind.flush.SharedDeadLetters;
import dev.writebehind.journal.Replication;
import dev.writebehind.journal.kafka.KafkaLog;
import dev.writebehind.journal.kafka.LogTopic;
import dev.writebehind.store.DeadLetterTable;
import dev.writebehind.store.FenceTable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The durability of one instance of several, by a log that they share. Safe for any thread. */
final class SharedLog implements Durability {
    private static final Logger LOG = LoggerFactory.getLogger(SharedLog.class);
    /** Whether the topic is still the same, and how many brokers have it. */
    private static final long BETWEEN_LOOKS_MILLIS = 10_000;

    private final Vertx vertx;
    private final DatabaseSettings database;
    private final KafkaSettings settings;
    private final KafkaLog log;
    private final LogTopic topic;
    private final Conditions conditions;
    private final CompletableFuture<String> failure = new CompletableFuture<>();
    private @Nullable Replica replica;

    private SharedLog(Vertx vertx, Settings settings, KafkaLog log, Conditions conditions) {
        this.vertx = vertx;
        this.database = settings.database();
        this.settings = settings.journal().kafka();
        this.log = log;
        this.topic = new LogTopic(
                this.settings, settings.http().maxBody(), settings.ingest().ackTimeout());
        this.conditions = conditions;
    }

    static SharedLog open(Vertx vertx, Settings settings, KeyPool keys, Conditions conditions) {
        return new SharedLog(
                vertx,
                settings,
                KafkaLog.open(
                        settings.journal().kafka(),
                        keys,
                        settings.ingest().ackTimeout(),
                        settings.http().maxBody()),
                conditions);
    }

    @Override
    public CompletionBuffer buffer(Supplier<BufferSettings> bounds, ReceiptClock clock) {
        CompletionBuffer buffer = new CompletionBuffer(bounds, clock, ChangeLog.DURABLE_BEFORE);
        FenceTable fences = FenceTable.of(database);
        replica = new Replica(vertx, log, buffer, clock, nonce -> fences.claim(settings.topic(), nonce), conditions);
        return buffer;
    }

    private Replica replica() {
        return requireNonNull(replica);
    }

    @Override
    public WriteBehind operations(Supplier<Duration> ackTimeout) {
        return replica().operations(ackTimeout);
    }

    @Override
    public Flusher flusher(
            Supplier<FlushSettings> flush, Flusher.Source source, Flusher.Target target, Conditions conditions) {
        return Flusher.ofOneOfSeveral(
                flush, source, target, conditions, replica().peers());
    }

    @Override
    public Flushing flushing(Flusher flusher) {
        return replica();
    }

    @Override
    public JournalView view() {
        return new JournalView(log::state, log.stats(), () -> replica().sharing(log.unread(), log.replication()));
    }

    @Override
    public DeadLetters deadLetters(KeyPool keys) {
        return new SharedDeadLetters(vertx, DeadLetterTable.of(database), keys);
    }

    /** Nothing is brought back here: what an unfit topic loses would be lost after it was acknowledged. */
    @Override
    public Future<?> restore() {
        return Blocking.run(vertx, topic::requireFit);
    }

    @Override
    public Future<?> join(Flusher flusher) {
        return replica().follow(flusher).onSuccess(caughtUp -> {
            log.failed().thenAccept(failure::complete);
            tellReplication();
            vertx.setPeriodic(BETWEEN_LOOKS_MILLIS, elapsed -> lookAtTopic());
            replica().stand(log.election());
        });
    }

    private void lookAtTopic() {
        Blocking.run(vertx, log::requireSameTopic)
                .onSuccess(same -> tellReplication())
                .onFailure(fault -> LOG.debug("It can't be told whether the topic is the same", fault));
    }

    /** As long as nobody tells how many there are, what was told last is said. */
    private void tellReplication() {
        Replication now = log.replication();
        if (now.lacksSome()) {
            conditions.begin(
                    ConditionName.LOG_REPLICAS_MISSING,
                    "Fewer brokers than should have all that is acknowledged",
                    now.inSync() + " of " + now.replicas() + " do; below min.insync.replicas nothing is acknowledged");
        } else if (now.isKnown()) {
            conditions.end(Subject.REPLICAS, "All brokers that should have all of the log");
        }
    }

    @Override
    public CompletionStage<String> failure() {
        return failure;
    }

    /** What is pending is in the log, for the others or the next start. */
    @Override
    public Future<?> drain(Flusher flusher) {
        return Future.succeededFuture();
    }

    @Override
    public long record() {
        return 0;
    }

    @Override
    public long close() {
        log.close();
        return 0;
    }

    @Override
    public String leftTo() {
        return "stay in the log for the other instances or the next start";
    }
}
