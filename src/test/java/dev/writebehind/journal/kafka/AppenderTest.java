package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.journal.JournalUnavailableException;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On Kafka's own producer for tests, whose answers the test gives. */
class AppenderTest {
    private static final byte[] PROBE = {9};

    private final BlockableProducer producer = new BlockableProducer();
    private final BlockableProducer second = new BlockableProducer();
    private final Deque<BlockableProducer> producers = new ConcurrentLinkedDeque<>(List.of(producer, second));
    private final List<Long> times = new CopyOnWriteArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private final Appender appender = new Appender(
            producers::remove, new TopicPartition("t", 0), PROBE, Duration.ofSeconds(10), nanos::get, times::add);

    @AfterEach
    void close() {
        appender.close();
    }

    /** Blocks as the real one does while it knows no broker. */
    private static final class BlockableProducer extends MockProducer<byte[], byte[]> {
        volatile CompletableFuture<Void> sending = CompletableFuture.completedFuture(null);
        volatile boolean isAsked;
        volatile long takenAt;
        volatile boolean hasOffsets = true;

        BlockableProducer() {
            super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> message, Callback callback) {
            isAsked = true;
            sending.join();
            return super.send(message, (where, failure) -> callback.onCompletion(stamped(where), failure));
        }

        private RecordMetadata stamped(RecordMetadata where) {
            long offset = hasOffsets ? where.offset() : -1;
            return new RecordMetadata(new TopicPartition(where.topic(), where.partition()), offset, 0, takenAt, 0, 0);
        }
    }

    @Test
    void append_isSentInOrder_andCompletesWithTheBrokersAnswer() {
        List<CompletableFuture<Void>> appended =
                IntStream.range(0, 3).mapToObj(i -> append(i, 1)).toList();
        await().until(() -> producer.history().size() == 3);
        assertThat(sentBy(producer)).containsExactly(0, 1, 2);
        assertThat(appended).noneMatch(CompletableFuture::isDone);

        producer.completeNext();
        assertThat(appended.get(0)).isCompleted();
        assertThat(appended.get(1)).isNotDone();
    }

    @Test
    void append_thatNoBrokerTakes_failsAndTellsWhy_untilAProbeIsTaken() {
        CompletableFuture<Void> appended = append(1, 1);
        await().until(() -> producer.errorNext(new TimeoutException("gone")));
        assertThat(appended).isCompletedExceptionally();
        assertThat(appended.handle((done, failure) -> failure).join()).isInstanceOf(JournalUnavailableException.class);
        assertThat(appender.state().mayPass()).isTrue();
        assertThat(appender.state().explanation()).contains("gone");

        await().until(() -> producer.history().size() == 2);
        assertThat(producer.history().get(1).value()).isEqualTo(PROBE);
        producer.errorNext(new TimeoutException("still gone"));
        await().until(() -> producer.history().size() == 3);
        assertThat(appender.state().isHealthy()).isFalse();
        producer.completeNext();
        assertThat(appender.state().isHealthy()).isTrue();
    }

    @Test
    void append_ofTooLargeAMessage_isItsOwnFault() {
        CompletableFuture<Void> appended = append(1, 1);
        await().until(() -> producer.errorNext(new RecordTooLargeException("too large")));
        assertThat(failure(appended)).hasMessageContainingAll("record of 1 bytes", "the topic t", "max.message.bytes");
        assertThat(appender.state().isHealthy()).isTrue();
    }

    /** Nobody reads it, so it must not be acknowledged. */
    @Test
    void append_thatTheLogTookTooLate_fails_andTheLogIsHealthy() {
        Validity validity = new Validity(1_000, 500);
        assertThat(failure(appendedAt(1_501, validity)))
                .hasMessageContaining("too late")
                .hasMessageContaining("501 ms");
        assertThat(appender.state().isHealthy()).isTrue();
        assertThat(appendedAt(1_500, validity)).isCompleted();
        assertThat(appendedAt(9_999, Validity.UNLIMITED)).isCompleted();
        assertThat(times).containsExactly(1_501L, 1_500L, 9_999L);
        assertThat(appender.hasRoom(Appender.MAX_ON_THE_WAY)).isTrue();
    }

    /** The brokers answer so where they have forgotten all of a message that they took but its number. */
    @Test
    void append_ofWhichTheBrokersKnowNoPlace_fails() {
        producer.hasOffsets = false;
        assertThat(failure(appendedAt(1_000, new Validity(1_000, 500)))).hasMessageContaining("not known");
        assertThat(appender.state().isHealthy()).isTrue();
    }

    private CompletableFuture<Void> appendedAt(long millis, Validity validity) {
        producer.takenAt = millis;
        CompletableFuture<Void> appended =
                appender.append(new byte[] {1}, 1, validity).toCompletableFuture();
        await().until(producer::completeNext);
        return appended;
    }

    private static Throwable failure(CompletableFuture<Void> appended) {
        return appended.handle((done, failure) -> failure).join();
    }

    @Test
    void append_thatHasWaitedTooLong_isNotSentAnyMore() {
        CompletableFuture<Void> known = new CompletableFuture<>();
        producer.sending = known;
        assertThat(append(1, 1)).isNotDone();
        await().until(() -> producer.isAsked);
        CompletableFuture<Void> waits = append(2, 1);
        nanos.set(Duration.ofSeconds(11).toNanos());
        known.complete(null);

        await().until(waits::isDone);
        assertThat(waits).isCompletedExceptionally();
        CompletableFuture<Void> next = append(3, 1);
        await().until(() -> {
            producer.completeNext();
            return next.isDone();
        });
        assertThat(sentBy(producer)).containsExactly(1, 3);
    }

    @Test
    void hasRoom_countsWhatIsOnItsWay() {
        assertThat(appender.hasRoom(10 * Appender.MAX_ON_THE_WAY))
                .as("the first")
                .isTrue();
        assertThat(append(1, Appender.MAX_ON_THE_WAY - 1)).isNotDone();
        assertThat(appender.hasRoom(1)).isTrue();
        assertThat(appender.hasRoom(2)).isFalse();
        await().until(producer::completeNext);
        assertThat(appender.hasRoom(2)).isTrue();
    }

    @Test
    void tell_isSentBeforeWhatWaits_inTheOrderOfTheCalls_andTakesNoRoom() {
        CompletableFuture<Void> known = new CompletableFuture<>();
        producer.sending = known;
        assertThat(append(1, 1)).isNotDone();
        await().until(() -> producer.isAsked);
        assertThat(append(2, Appender.MAX_ON_THE_WAY - 1)).isNotDone();
        assertThat(tell(3)).isNotDone();
        assertThat(append(4, 1)).isNotDone();
        assertThat(tell(5)).isNotDone();
        assertThat(appender.hasRoom(0)).isFalse();
        known.complete(null);

        await().until(() -> producer.history().size() == 5);
        assertThat(sentBy(producer)).containsExactly(1, 3, 5, 2, 4);
        await().until(() -> {
            producer.completeNext();
            return appender.hasRoom(Appender.MAX_ON_THE_WAY);
        });
    }

    @Test
    void tell_thatNoBrokerTakes_fails() {
        CompletableFuture<Void> told = tell(1);
        await().until(() -> producer.errorNext(new TimeoutException("gone")));
        assertThat(told.handle((done, failure) -> failure).join()).isInstanceOf(JournalUnavailableException.class);
    }

    /** As the real one does once it can't go on: it throws. */
    @Test
    void producer_thatCantGoOn_isReplaced_andWhatComesNextIsAppended() {
        producer.sendException = new KafkaException("in an error state", new OutOfOrderSequenceException("lost"));
        CompletableFuture<Void> refused = append(1, 1);
        await().until(refused::isDone);
        assertThat(refused).isCompletedExceptionally();
        assertThat(appender.state().explanation()).contains("in an error state");

        CompletableFuture<Void> next = append(2, 1);
        await().until(() -> second.completeNext());
        assertThat(next).isCompleted();
        assertThat(producer.closed()).isTrue();
        assertThat(appender.state().isHealthy()).isTrue();
    }

    @Test
    void producer_whoseAnswerTellsThatItCantGoOn_isReplacedByAProbe_withoutAnyTraffic() {
        CompletableFuture<Void> refused = append(1, 1);
        await().until(() -> producer.errorNext(new ProducerFencedException("fenced")));
        assertThat(refused).isCompletedExceptionally();

        await().until(() -> second.completeNext());
        assertThat(second.history().get(0).value()).isEqualTo(PROBE);
        assertThat(appender.state().isHealthy()).isTrue();
    }

    @Test
    void producer_thatCantGoOnEither_isReplacedOnceASecond() {
        producer.sendException = new IllegalStateException("closed");
        second.sendException = new IllegalStateException("closed too");
        BlockableProducer third = new BlockableProducer();
        producers.add(third);
        for (int i = 0; i < 5; i++) {
            CompletableFuture<Void> refused = append(i, 1);
            await().until(refused::isDone);
        }
        assertThat(producers).containsExactly(third);

        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        CompletableFuture<Void> next = append(9, 1);
        await().until(() -> third.completeNext());
        assertThat(next).isCompleted();
    }

    @Test
    void close_sendsWhatWasGiven_andTakesNothingMore() {
        CompletableFuture<Void> appended = append(1, 1);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(appender::close);
        await().until(() -> producer.history().size() == 1);
        producer.completeNext();
        closed.join();
        assertThat(appended).isCompleted();
        assertThat(append(2, 1)).isCompletedExceptionally();
        assertThat(producer.closed()).isTrue();
    }

    private static Stream<Integer> sentBy(BlockableProducer producer) {
        return producer.history().stream().map(record -> (int) record.value()[0]);
    }

    private CompletableFuture<Void> tell(int message) {
        return appender.tell(new byte[] {(byte) message}).toCompletableFuture();
    }

    private CompletableFuture<Void> append(int message, int changes) {
        return appender.append(new byte[] {(byte) message}, changes, Validity.UNLIMITED)
                .toCompletableFuture();
    }
}
