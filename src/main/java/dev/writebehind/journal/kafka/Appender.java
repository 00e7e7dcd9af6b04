package dev.writebehind.journal.kafka;

import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalUnavailableException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The appending of messages to the topic, in the order in which they are given, on a thread of its own: a producer
 * blocks while it knows no broker. While the topic takes nothing, probes find out when it does again; a producer that
 * can't go on is replaced. Safe for any thread; what is returned completes on the producer's.
 */
final class Appender implements AutoCloseable {
    /** Changes that may be on their way to the brokers. */
    static final int MAX_ON_THE_WAY = 100_000;

    private static final Logger log = LoggerFactory.getLogger(Appender.class);
    private static final long BETWEEN_PROBES_MILLIS = 500;
    /** Where each new producer can't go on either. */
    private static final Duration BETWEEN_RENEWALS = Duration.ofSeconds(1);

    private static final Probing NO_PROBE = new Probing(null);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final TopicPartition partition;
    private final byte[] probe;
    private final Duration patience;
    private final LongSupplier nanos;
    private final LongConsumer takenAt;
    private final Queue<Waiting> told = new ConcurrentLinkedQueue<>();
    private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
    /** As many as wait in both queues, or a few more. */
    private final Semaphore given = new Semaphore(0);

    private final AtomicInteger onTheWay = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "kafka-appender");
    /** Of the appender's thread, as the next field. */
    private Producer<byte[], byte[]> producer;

    private long nextRenewal;
    /** The one that can't go on. */
    private volatile @Nullable Producer<byte[], byte[]> broken;
    /** Whether one was replaced since the topic took something. */
    private volatile boolean isReplaced;

    private volatile Probing probing = NO_PROBE;
    private volatile boolean isClosing;

    /** What the topic is asked with while it takes nothing; null: it takes what it is given. */
    private record Probing(@Nullable String why) {}

    private record Waiting(
            ProducerRecord<byte[], byte[]> message,
            int changes,
            Validity validity,
            long deadline,
            CompletableFuture<Void> appended) {}

    /**
     * Begins.
     *
     * @param producers makes one, each time in place of the one before
     * @param patience after which a message is given up that the producer has not taken; it gives up by itself then
     *     what it has taken
     * @param takenAt is told when the log took something, milliseconds since the epoch
     */
    Appender(
            Supplier<Producer<byte[], byte[]>> producers,
            TopicPartition partition,
            byte[] probe,
            Duration patience,
            LongSupplier nanos,
            LongConsumer takenAt) {
        this.producers = producers;
        this.producer = producers.get();
        this.partition = partition;
        this.probe = probe.clone();
        this.patience = patience;
        this.nanos = nanos;
        this.takenAt = takenAt;
        this.nextRenewal = nanos.getAsLong();
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Completes once the brokers that have to, have it; fails where that is not known in time, or they took it when its
     * validity was over: then nobody reads it.
     */
    CompletionStage<Void> append(byte[] message, int changes, Validity validity) {
        return add(queue, message, changes, validity);
    }

    /** Appends before whatever waits, and takes up no room. */
    CompletionStage<Void> tell(byte[] message) {
        return add(told, message, 0, Validity.UNLIMITED);
    }

    private CompletionStage<Void> add(Queue<Waiting> to, byte[] message, int changes, Validity validity) {
        CompletableFuture<Void> appended = new CompletableFuture<>();
        if (isClosing) {
            appended.completeExceptionally(new JournalUnavailableException("the service is stopping"));
            return appended;
        }
        onTheWay.addAndGet(changes);
        to.add(waiting(message, changes, validity, appended));
        given.release();
        return appended;
    }

    private Waiting waiting(byte[] message, int changes, Validity validity, CompletableFuture<Void> appended) {
        return new Waiting(
                new ProducerRecord<>(partition.topic(), partition.partition(), null, message),
                changes,
                validity,
                nanos.getAsLong() + patience.toNanos(),
                appended);
    }

    /** Whether that many further changes may be on their way. */
    boolean hasRoom(int changes) {
        int now = onTheWay.get();
        return now == 0 || now + changes <= MAX_ON_THE_WAY;
    }

    /** Returns whether the topic takes what it is given. */
    JournalState state() {
        String why = probing.why();
        return why == null ? new JournalState.Healthy() : new JournalState.Interrupted(why);
    }

    private void run() {
        try {
            while (!isClosing || !told.isEmpty() || !queue.isEmpty()) {
                sendNext();
            }
        } catch (InterruptedException e) {
            log.debug("The appending is cut short", e);
            Thread.currentThread().interrupt();
        } finally {
            JournalUnavailableException why = new JournalUnavailableException("the service is stopping");
            told.forEach(waiting -> end(waiting, why));
            queue.forEach(waiting -> end(waiting, why));
        }
    }

    private void sendNext() throws InterruptedException {
        boolean isGiven = given.tryAcquire(BETWEEN_PROBES_MILLIS, TimeUnit.MILLISECONDS);
        Waiting next = told.poll();
        if (next == null) {
            next = queue.poll();
        }
        if (next != null) {
            send(next);
        } else if (!isGiven && probing.why() != null && onTheWay.get() == 0) {
            onTheWay.incrementAndGet();
            send(waiting(probe, 1, Validity.UNLIMITED, new CompletableFuture<>()));
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback is told the same
    private void send(Waiting next) {
        if (next.deadline() - nanos.getAsLong() < 0) {
            end(next, new JournalUnavailableException("no broker took it in time"));
            return;
        }
        try {
            replaceBroken();
            Producer<byte[], byte[]> by = producer;
            by.send(next.message(), (where, failure) -> {
                if (failure != null && ProducerFailures.isForGood(failure)) {
                    broken = by;
                }
                if (failure == null) {
                    taken(next, where);
                } else {
                    end(next, failure);
                }
            });
        } catch (InterruptException e) {
            end(next, e);
        } catch (RuntimeException e) {
            broken = producer; // of single messages it tells by the callback
            end(next, e);
        }
    }

    private void replaceBroken() {
        long now = nanos.getAsLong();
        if (broken != producer || now - nextRenewal < 0) {
            return;
        }
        nextRenewal = now + BETWEEN_RENEWALS.toNanos();
        if (!isReplaced) {
            log.warn("The producer of the log can't go on and is replaced: {}", probing.why());
        }
        isReplaced = true;
        producer.close(Duration.ZERO);
        producer = producers.get();
    }

    private void taken(Waiting waiting, RecordMetadata where) {
        onTheWay.addAndGet(-waiting.changes());
        probing = NO_PROBE;
        isReplaced = false;
        if (where.hasOffset()) {
            takenAt.accept(where.timestamp());
        }
        if (!where.hasOffset()) { // it was sent again so late that the brokers only know that they had it
            refuse(waiting, "when the log took it is not known");
        } else if (waiting.validity().isOverAt(where.timestamp())) {
            refuse(
                    waiting,
                    "it came too late into the log, "
                            + (where.timestamp() - waiting.validity().sentAt())
                            + " ms after it was sent, and counts as never sent");
        } else {
            waiting.appended().complete(null);
        }
    }

    private void end(Waiting waiting, Exception failure) {
        onTheWay.addAndGet(-waiting.changes());
        log.debug("A message was not appended", failure);
        if (failure instanceof RecordTooLargeException) {
            refuse(waiting, tooLarge(waiting, failure));
            return;
        }
        String why = "the log takes nothing at present: " + failure.getMessage();
        probing = new Probing(why);
        refuse(waiting, why);
    }

    private static void refuse(Waiting waiting, String why) {
        waiting.appended().completeExceptionally(new JournalUnavailableException(why));
    }

    private String tooLarge(Waiting waiting, Exception failure) {
        return "as one record of " + waiting.message().value().length + " bytes it is larger than the topic "
                + partition.topic() + " takes, or than twice http.max-body: have the topic's max.message.bytes be what"
                + " the command check tells, or send fewer changes in one request (" + failure.getMessage() + ")";
    }

    /** Sends what has been given, as long as the producer takes it in time, and ends. Blocks. */
    @Override
    public void close() {
        isClosing = true;
        try {
            thread.join(patience.toMillis());
            thread.interrupt();
            thread.join();
        } catch (InterruptedException e) {
            log.debug("The end of appending is not waited for", e);
            Thread.currentThread().interrupt();
        }
        producer.close(patience);
    }
}
