package dev.writebehind.journal.kafka;

import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalUnavailableException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The appending of messages to the topic, in the order in which they are given, on a thread of its own: a producer
 * blocks while it knows no broker. While the topic takes nothing, probes find out when it does again. Safe for any
 * thread; what is returned completes on the producer's.
 */
final class Appender implements AutoCloseable {
    /** Changes that may be on their way to the brokers. */
    static final int MAX_ON_THE_WAY = 100_000;

    private static final Logger log = LoggerFactory.getLogger(Appender.class);
    private static final long BETWEEN_PROBES_MILLIS = 500;
    private static final Probing NO_PROBE = new Probing(null);

    private final Producer<byte[], byte[]> producer;
    private final TopicPartition partition;
    private final byte[] probe;
    private final Duration patience;
    private final LongSupplier nanos;
    private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger onTheWay = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "kafka-appender");
    private volatile Probing probing = NO_PROBE;
    private volatile boolean isClosing;

    /** What the topic is asked with while it takes nothing; null: it takes what it is given. */
    private record Probing(@Nullable String why) {}

    private record Waiting(
            ProducerRecord<byte[], byte[]> message, int changes, long deadline, CompletableFuture<Void> appended) {}

    /**
     * Begins.
     *
     * @param patience after which a message is given up that the producer has not taken; it gives up by itself then
     *     what it has taken
     */
    Appender(
            Producer<byte[], byte[]> producer,
            TopicPartition partition,
            byte[] probe,
            Duration patience,
            LongSupplier nanos) {
        this.producer = producer;
        this.partition = partition;
        this.probe = probe.clone();
        this.patience = patience;
        this.nanos = nanos;
        thread.setDaemon(true);
        thread.start();
    }

    /** Completes once the brokers that have to, have it; fails where that is not known in time. */
    CompletionStage<Void> append(byte[] message, int changes) {
        CompletableFuture<Void> appended = new CompletableFuture<>();
        if (isClosing) {
            appended.completeExceptionally(new JournalUnavailableException("the service is stopping"));
            return appended;
        }
        onTheWay.addAndGet(changes);
        queue.add(waiting(message, changes, appended));
        return appended;
    }

    private Waiting waiting(byte[] message, int changes, CompletableFuture<Void> appended) {
        return new Waiting(
                new ProducerRecord<>(partition.topic(), partition.partition(), null, message),
                changes,
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
            while (!isClosing || !queue.isEmpty()) {
                sendNext();
            }
        } catch (InterruptedException e) {
            log.debug("The appending is cut short", e);
            Thread.currentThread().interrupt();
        } finally {
            queue.forEach(waiting -> end(waiting, new JournalUnavailableException("the service is stopping")));
        }
    }

    private void sendNext() throws InterruptedException {
        Waiting next = queue.poll(BETWEEN_PROBES_MILLIS, TimeUnit.MILLISECONDS);
        if (next != null) {
            send(next);
        } else if (probing.why() != null && onTheWay.get() == 0) {
            onTheWay.incrementAndGet();
            send(waiting(probe, 1, new CompletableFuture<>()));
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback is told the same
    private void send(Waiting next) {
        if (next.deadline() - nanos.getAsLong() < 0) {
            end(next, new JournalUnavailableException("no broker took it in time"));
            return;
        }
        try {
            producer.send(next.message(), (where, failure) -> end(next, failure));
        } catch (RuntimeException e) {
            end(next, e);
        }
    }

    private void end(Waiting waiting, @Nullable Exception failure) {
        onTheWay.addAndGet(-waiting.changes());
        if (failure == null) {
            probing = NO_PROBE;
            waiting.appended().complete(null);
            return;
        }
        log.debug("A message was not appended", failure);
        String why = "the log takes nothing at present: " + failure.getMessage();
        if (!(failure instanceof RecordTooLargeException)) {
            probing = new Probing(why);
        }
        waiting.appended().completeExceptionally(new JournalUnavailableException(why));
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
