package dev.writebehind.journal.kafka;

import static java.util.Objects.requireNonNull;

import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.Election;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalStats;
import dev.writebehind.journal.JournalUnavailableException;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.ReplicatedLog;
import dev.writebehind.journal.Replication;
import dev.writebehind.journal.Told;
import dev.writebehind.journal.UnusableJournalException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The replicated log on one partition of a Kafka topic: the brokers give what is appended its order, their clocks and
 * that order its receipt times. Safe for any thread; what it returns completes on threads of its own.
 */
public final class KafkaLog implements ReplicatedLog, AutoCloseable {
    /** So far may somebody lag behind who goes on where he was. */
    private static final Duration KEPT_UNNEEDED = Duration.ofMinutes(10);
    /** For the brokers' answer to be on its way, and the estimate of their time to be behind. */
    private static final Duration LATER_AT_MOST = Duration.ofSeconds(1);

    private final Clients clients;
    private final MessageCodec codec;
    private final Duration patience;
    private final UUID instance = UUID.randomUUID();
    private final LogTime time;
    private final Appender appender;
    private final LogEnd end;
    private final Beginning beginning;
    private final Places places = new Places();
    private final LogBound bound;
    private final PlaceKeeper keeper;
    private final @Nullable KafkaElection election;
    private final BrokerWait brokers = new BrokerWait(Duration.ofSeconds(1));
    private final OldRecords oldRecords;
    private final JournalStats stats = new JournalStats();
    private volatile long knownEnd;
    private volatile @Nullable Applier applier;
    private volatile @Nullable Follower follower;
    private volatile @Nullable TopicIdentity identity;

    /**
     * Creates one that takes part in no election.
     *
     * @param keepFor how long a record is left in the topic that nobody needs
     * @param nanos tells how long that is, and how long ago something was read
     */
    KafkaLog(
            KafkaSettings settings,
            MessageCodec codec,
            Duration patience,
            ByteSize largest,
            PlaceKeeper keeper,
            Duration keepFor,
            LongSupplier nanos) {
        this(settings, Clients.of(settings), codec, patience, largest, keeper, null, keepFor, nanos);
    }

    private KafkaLog(
            KafkaSettings settings,
            Clients clients,
            MessageCodec codec,
            Duration patience,
            ByteSize largest,
            PlaceKeeper keeper,
            @Nullable KafkaElection election,
            Duration keepFor,
            LongSupplier nanos) {
        this.clients = clients;
        this.election = election;
        this.codec = codec;
        this.patience = patience;
        this.time = new LogTime(nanos);
        this.appender = new Appender(
                () -> clients.producer(patience, largest),
                clients.partition(),
                codec.encode(new Message.Probe()),
                patience,
                System::nanoTime,
                time::acknowledged);
        this.end = new LogEnd(clients.admin(), clients.partition(), patience);
        this.beginning = new Beginning(clients.admin(), clients.partition(), settings.groupName());
        this.keeper = keeper;
        this.bound = new LogBound(settings.maxLog());
        this.oldRecords = new OldRecords(clients.admin(), clients.partition(), settings.groupName(), keepFor, nanos);
    }

    /**
     * Opens the log; asks no broker yet.
     *
     * @param patience longest wait for the brokers: of an append, of a question where the log ends
     * @param largest request that is taken, as its sender writes it
     */
    public static KafkaLog open(KafkaSettings settings, KeyPool keys, Duration patience, ByteSize largest) {
        Clients clients = Clients.of(settings);
        KafkaElection election = KafkaElection.of(settings, clients, settings.groupName());
        PlaceKeeper keeper =
                place -> election.keep(place.offset(), place.committed().metadata());
        return new KafkaLog(
                settings,
                clients,
                new MessageCodec(keys),
                patience,
                largest,
                keeper,
                election,
                KEPT_UNNEEDED,
                System::nanoTime);
    }

    @Override
    public CompletionStage<Void> append(long request, LogRecord.Content content) {
        Validity validity =
                new Validity(time.now(), patience.plus(LATER_AT_MOST).toMillis());
        Message message = new Message.Entry(new Origin(instance, request), validity, content);
        long begin = System.nanoTime();
        CompletableFuture<Void> told = new CompletableFuture<>(); // of the failure itself
        appender.append(codec.encode(message), content.changes(), validity).whenComplete((appended, failure) -> {
            if (failure == null) {
                stats.synced(System.nanoTime() - begin);
                end.reachable(); // whoever is told now reads what he is told of
                told.complete(null);
            } else {
                stats.refused();
                told.completeExceptionally(failure);
            }
        });
        return told;
    }

    @Override
    public CompletionStage<Void> tell(Told told) {
        Origin origin = new Origin(instance, 0);
        return CompletableFuture.allOf(ToldCodec.parts(told).stream()
                .map(part -> appender.tell(codec.encode(new Message.Entry(origin, Validity.UNLIMITED, part)))
                        .toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new));
    }

    /** {@inheritDoc} Where a floor is later, that: nothing will be received up to it. */
    @Override
    public long appliedUpTo() {
        Applier applying = applier;
        return applying == null ? 0 : applying.appliedUpTo();
    }

    @Override
    public void forget(long upTo) {
        Place place = places.lastUpTo(upTo);
        if (place != null) {
            keeper.keep(place);
            oldRecords.unneededBefore(place);
        }
    }

    @Override
    public CompletionStage<Void> caughtUp() {
        Follower following = follower;
        if (following == null) {
            return CompletableFuture.failedStage(new JournalUnavailableException("the log is not followed yet"));
        }
        if (!following.state().isHealthy()) {
            return CompletableFuture.failedStage(
                    new JournalUnavailableException(following.state().explanation()));
        }
        return end.ask()
                .thenCompose(found -> {
                    knownEnd = found;
                    return following.reached(found);
                })
                .toCompletableFuture()
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(failure -> {
                    throw new JournalUnavailableException("it is not known what the log holds: "
                            + (failure instanceof TimeoutException ? "it is not read in time" : failure.getMessage()));
                });
    }

    /**
     * {@inheritDoc} Begins at the place that was kept. Blocks until that is found, for as long as no broker answers.
     *
     * @throws UnusableJournalException if it was lost, there is no topic, or the brokers refuse to tell
     * @throws IllegalStateException if it is closed meanwhile
     */
    @Override
    public void follow(Consumer<LogRecord> handler) {
        Applier applying = new Applier(codec, instance, places, time, handler);
        applier = applying;
        identity = brokers.until(() ->
                TopicIdentity.remember(clients.admin(), clients.partition().topic(), BrokerWait.ONE_TRY));
        follower =
                new Follower(clients.consumer(), clients.partition(), () -> brokers.until(beginning::find), applying);
    }

    @Override
    public JournalState state() {
        Follower following = follower;
        JournalState reading = following == null ? new JournalState.Healthy() : following.state();
        return reading.isHealthy() ? appender.state() : reading;
    }

    @Override
    public boolean hasRoom(int changes) {
        return appender.hasRoom(changes) && !bound.isReachedBy(needed());
    }

    /** Returns how many records a new instance would have to read, as far as this one has. */
    private long needed() {
        Follower following = follower;
        return following == null ? 0 : following.position() - places.first();
    }

    /** Completes with the reason if this instance can't follow the log any more; to be asked for once it does. */
    public CompletionStage<String> failed() {
        return requireNonNull(follower).failed();
    }

    /** Has it fail if the topic is not the one any more that it has begun with. Blocks. */
    public void requireSameTopic() {
        requireNonNull(identity).changed().ifPresent(requireNonNull(follower)::endFor);
    }

    /** Returns how many brokers have the topic, as they said when {@link #requireSameTopic} last asked. */
    public Replication replication() {
        TopicIdentity known = identity;
        return known == null ? Replication.UNKNOWN : known.replication();
    }

    /** Returns how many records it has not handed over, of those that were there when the end was last asked for. */
    public long unread() {
        Follower following = follower;
        return following == null ? 0 : Math.max(0, knownEnd - following.position());
    }

    /** Returns how long appends took, as a journal's forced writes, and how many failed. */
    public JournalStats stats() {
        return stats;
    }

    /** Returns the election of the one that flushes, in which this instance may stand. */
    public Election election() {
        return requireNonNull(election);
    }

    /** Leaves it to another to flush, appends what has been given to it, and ends. Blocks. */
    @Override
    public void close() {
        brokers.end();
        end.close();
        if (election != null) {
            election.close();
        }
        appender.close();
        Follower following = follower;
        if (following != null) {
            following.close();
        }
        clients.close();
    }
}
