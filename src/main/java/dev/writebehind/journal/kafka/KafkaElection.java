package dev.writebehind.journal.kafka;

import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.Election;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The election by a group of consumers, of which the brokers give the topic's one partition to a single one; it reads
 * nothing. The elected keeps a place in the group: committing it, time and again, is what shows that it is elected
 * still, since only a member of the present generation can. Safe for any thread; candidates are called on its own.
 */
final class KafkaElection implements Election, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KafkaElection.class);
    private static final Duration ROUND = Duration.ofMillis(200);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final LongSupplier nanos;
    private final Lease lease;
    private final GroupPlace place;
    private final Duration answerWithin;
    private final Duration confirmEvery;
    private final Thread thread = new Thread(this::run, "kafka-election");
    private volatile @Nullable Candidate candidate;
    private String trouble = "";
    private @Nullable Duration restAsked;
    private long restUntil;
    private boolean isResting;
    private volatile boolean isElected;
    private volatile boolean isClosing;

    /** @param consumer a member-to-be, this one's alone from now on */
    KafkaElection(Consumer<byte[], byte[]> consumer, TopicPartition partition, Duration session, LongSupplier nanos) {
        this.consumer = consumer;
        this.partition = partition;
        this.nanos = nanos;
        this.lease = new Lease(session);
        this.place = new GroupPlace(consumer, partition);
        this.answerWithin = session.dividedBy(3);
        this.confirmEvery = session.dividedBy(6);
        thread.setDaemon(true);
    }

    /** Creates it; asks no broker yet. */
    static KafkaElection of(KafkaSettings settings, Clients clients, String group) {
        return new KafkaElection(
                clients.member(group), clients.partition(), settings.sessionTimeout(), System::nanoTime);
    }

    @Override
    public void begin(Candidate standing) {
        candidate = standing;
        thread.start();
    }

    /** Takes that over at the next round; the candidate is told there. */
    @Override
    public synchronized void stepDown(Duration rest) {
        if (isElected) {
            restAsked = rest;
        }
    }

    /**
     * Keeps a place for the next who starts, soon: the newest that it is given. Of no effect where this instance is not
     * elected.
     */
    synchronized void keep(long offset, String metadata) {
        if (isElected) {
            place.offer(offset, metadata);
        }
    }

    private void run() {
        try {
            stand();
            while (!isClosing) {
                round();
            }
        } catch (RuntimeException | Error e) {
            log.error("This instance does not stand for election any more, until a restart", e);
        } finally {
            leave();
        }
    }

    private void round() {
        tell();
        try {
            if (isResting) {
                rest();
            } else {
                consumer.poll(atMost(ROUND));
                confirm();
            }
            tell();
            stepDownIfAsked();
        } catch (CommitFailedException e) {
            log.debug("The brokers do not take this instance for the elected one", e);
            lease.denied();
        } catch (RebalanceInProgressException e) {
            log.debug("The group's members are changing", e);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            complain(e);
            LockSupport.parkNanos(atMost(ROUND).toNanos());
        }
    }

    /** What passes by itself shows by what candidates are told; of the rest, each trouble is told once in a row. */
    private void complain(KafkaException e) {
        String text = e.toString();
        if (e instanceof RetriableException || text.equals(trouble)) {
            log.debug("The brokers do not hear of this instance at present", e);
        } else {
            trouble = text;
            log.warn("This instance can't be elected while the brokers refuse what it asks of its group", e);
        }
    }

    private void stand() {
        consumer.subscribe(Set.of(partition.topic()), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> given) {
                if (given.contains(partition)) {
                    consumer.pause(Set.of(partition));
                    consumer.seek(partition, 0);
                    place.forget();
                    lease.given();
                }
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> taken) {
                if (taken.contains(partition)) {
                    lease.taken();
                    tell();
                }
            }
        });
    }

    /** An owner that nothing was confirmed of is not elected: it may have stood still since it was given that. */
    private void confirm() {
        if (!lease.isOwner()) {
            return;
        }
        long askedAt = nanos.getAsLong();
        if (place.isNewer() || !lease.isConfirmedWithin(confirmEvery, askedAt)) {
            place.commit(atMost(answerWithin));
            lease.confirmed(askedAt);
        }
    }

    /** Does not wait for anything beyond the moment at which the candidate has to be told. */
    private Duration atMost(Duration time) {
        Duration left = lease.left(nanos.getAsLong());
        return isElected && left.compareTo(time) < 0 ? left : time;
    }

    /** Tells the candidate what has changed, if anything has. */
    private void tell() {
        boolean holds = !lease.left(nanos.getAsLong()).isZero();
        if (holds && !isElected) {
            log.info(
                    "This instance is the elected one of group {}",
                    consumer.groupMetadata().groupId());
            trouble = "";
            isElected = true;
            tell(true);
        } else if (!holds && isElected) {
            log.info(
                    "This instance is not the elected one any more{}",
                    lease.isOwner() ? ": the brokers have not confirmed it in time" : "");
            forget();
            tell(false);
        }
    }

    private void tell(boolean elected) {
        Candidate standing = candidate;
        try {
            if (standing != null && elected) {
                standing.elected();
            } else if (standing != null) {
                standing.dismissed();
            }
        } catch (RuntimeException | Error e) {
            log.error("The candidate failed to take note of the election", e);
        }
    }

    private synchronized void forget() {
        isElected = false;
        place.forget();
        restAsked = null;
    }

    private void stepDownIfAsked() {
        Duration rest = restAsked();
        if (rest != null) {
            keepLast();
            lease.taken();
            tell();
            isResting = true;
            restUntil = nanos.getAsLong() + rest.toNanos();
            consumer.unsubscribe();
        }
    }

    private synchronized @Nullable Duration restAsked() {
        return restAsked;
    }

    private void rest() {
        if (restUntil - nanos.getAsLong() > 0) {
            LockSupport.parkNanos(ROUND.toNanos());
        } else {
            stand();
            isResting = false;
        }
    }

    private void keepLast() {
        try {
            if (place.isNewer()) {
                place.commit(atMost(CLOSE_WITHIN));
            }
        } catch (KafkaException e) {
            log.debug("The last place is not kept: the next begins from an earlier one", e);
        }
    }

    private void leave() {
        tell();
        keepLast();
        lease.taken();
        tell();
        close(consumer);
    }

    private static void close(Consumer<?, ?> consumer) {
        try {
            consumer.close(CloseOptions.timeout(CLOSE_WITHIN));
        } catch (KafkaException e) {
            log.debug("The brokers find out by themselves that this instance has left", e);
        }
    }

    /** Leaves it to another, at once. Blocks. */
    @Override
    public void close() {
        isClosing = true;
        if (candidate == null) {
            close(consumer);
            return;
        }
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            log.debug("The end of the election is not waited for", e);
            Thread.currentThread().interrupt();
        }
    }
}
