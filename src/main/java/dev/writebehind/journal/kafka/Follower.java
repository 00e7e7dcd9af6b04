package dev.writebehind.journal.kafka;

import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reading of the whole topic, from a place on, on a thread of its own: each record once and in order. What can't be
 * read, or applied, ends it for good: nothing is ever left out. Safe for any thread.
 */
final class Follower implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Follower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long AFTER_FAILURE_MILLIS = 500;

    private final Consumer<byte[], byte[]> consumer;
    private final Sink sink;
    private final Deque<Behind> behind = new ArrayDeque<>();
    private final Thread thread = new Thread(this::run, "kafka-follower");
    private final TopicPartition partition;
    private final Supplier<Place> beginning;
    private boolean mayBeginAnew = true;
    private long position;
    private final CompletableFuture<String> failed = new CompletableFuture<>();
    private volatile JournalState state = new JournalState.Healthy();
    private volatile boolean isClosing;

    /** The destination of records. */
    interface Sink {
        /** Takes note that what comes next stands behind that place. */
        void begin(Place place);

        void accept(ConsumerRecord<byte[], byte[]> record);

        /** Takes note, now and then, that all before that offset has come. */
        void arrivedAt(long offset);
    }

    private record Behind(long end, CompletableFuture<Void> reached) {}

    /**
     * Begins; the consumer is this one's alone from now on.
     *
     * @param beginning where; asked anew, once, if the records there are deleted before they are read
     */
    Follower(Consumer<byte[], byte[]> consumer, TopicPartition partition, Supplier<Place> beginning, Sink sink) {
        this.consumer = consumer;
        this.partition = partition;
        this.beginning = beginning;
        this.sink = sink;
        consumer.assign(List.of(partition));
        try {
            begin();
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
        thread.setDaemon(true);
        thread.start();
    }

    private void begin() {
        Place place = beginning.get();
        consumer.seek(partition, place.offset());
        sink.begin(place);
        synchronized (this) {
            position = place.offset();
        }
    }

    /** Completes with the reason if it does not go on until a restart. */
    CompletionStage<String> failed() {
        return failed;
    }

    /** Ends it for good, as what can't be read does. Does not wait for that. */
    void endFor(String reason) {
        if (!isClosing && !(state instanceof JournalState.Failed)) {
            fail(new IllegalStateException(reason));
            consumer.wakeup();
        }
    }

    /** Returns whether it goes on. */
    JournalState state() {
        return state;
    }

    /** Returns the offset of the next record to be applied. */
    synchronized long position() {
        return position;
    }

    /** Completes, on the follower's thread, once everything below that offset has been applied. */
    CompletionStage<Void> reached(long end) {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        synchronized (this) {
            if (state instanceof JournalState.Failed failed) {
                reached.completeExceptionally(new JournalUnavailableException(failed.explanation()));
            } else if (position < end) {
                behind.add(new Behind(end, reached));
                return reached;
            }
        }
        reached.complete(null);
        return reached;
    }

    private void run() {
        try (consumer) {
            while (!isClosing && !(state instanceof JournalState.Failed)) {
                poll();
            }
        } catch (InterruptException | WakeupException e) {
            log.debug("The following is cut short", e);
        } catch (RuntimeException | Error e) {
            fail(e);
        } finally {
            abandonAll();
        }
    }

    private void poll() {
        Iterable<ConsumerRecord<byte[], byte[]>> records;
        try {
            records = consumer.poll(POLL);
        } catch (InvalidOffsetException e) {
            beginAnew(e);
            return;
        } catch (InterruptException | WakeupException e) {
            throw e;
        } catch (KafkaException e) {
            interrupted(e);
            return;
        }
        recovered();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            sink.accept(record);
            mayBeginAnew = false;
            advance(record.offset() + 1);
        }
        long next = consumer.position(partition);
        sink.arrivedAt(next);
        advance(next);
    }

    private void beginAnew(InvalidOffsetException deleted) {
        if (!mayBeginAnew) {
            throw deleted;
        }
        log.debug("The records at the beginning are deleted meanwhile", deleted);
        mayBeginAnew = false;
        begin();
    }

    private void advance(long next) {
        List<Behind> arrived = new ArrayList<>();
        synchronized (this) {
            position = next;
            behind.removeIf(waiting -> waiting.end() <= next && arrived.add(waiting));
        }
        arrived.forEach(waiting -> waiting.reached().complete(null));
    }

    private void interrupted(KafkaException failure) {
        log.debug("The log can't be read at present", failure);
        synchronized (this) {
            if (state.isHealthy()) {
                state = new JournalState.Interrupted("the log can't be read at present: " + failure.getMessage());
            }
        }
        try {
            Thread.sleep(AFTER_FAILURE_MILLIS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private synchronized void recovered() {
        if (state instanceof JournalState.Interrupted) {
            state = new JournalState.Healthy();
        }
    }

    private void fail(Throwable cause) {
        log.error("The log is not followed any further than to offset {}", position(), cause);
        String why;
        synchronized (this) {
            why = "the log can't be followed beyond offset " + position + " and stays so until a restart: "
                    + cause.getMessage();
            state = new JournalState.Failed(why);
        }
        failed.complete(why);
    }

    private void abandonAll() {
        List<Behind> all;
        synchronized (this) {
            all = List.copyOf(behind);
            behind.clear();
        }
        JournalUnavailableException why =
                new JournalUnavailableException(state.isHealthy() ? "the service is stopping" : state.explanation());
        all.forEach(waiting -> waiting.reached().completeExceptionally(why));
    }

    /** Ends after the record under way. Blocks. */
    @Override
    public void close() {
        isClosing = true;
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            log.debug("The end of following is not waited for", e);
            Thread.currentThread().interrupt();
        }
    }
}
