package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.writebehind.journal.JournalState;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** On Kafka's own consumer for tests, of a topic whose records before offset 5 are deleted. */
class FollowerTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final List<Object> events = new CopyOnWriteArrayList<>();
    private final Follower.Sink sink = new Follower.Sink() {
        @Override
        public void begin(Place place) {
            if (events.isEmpty()) {
                beginsWith(5);
            }
            events.add(place);
        }

        @Override
        public void accept(ConsumerRecord<byte[], byte[]> record) {
            events.add(record.offset());
        }

        @Override
        public void arrivedAt(long offset) {}
    };

    @Test
    void follower_whoseFirstRecordsAreDeletedMeanwhile_asksOnceMoreWhereToBegin() {
        List<Place> places = new CopyOnWriteArrayList<>(List.of(new Place(3, 30), new Place(5, 50)));
        try (Follower follower = follower(() -> places.remove(0))) {
            await().until(() -> follower.position() == 6);
            assertThat(events).containsExactly(new Place(3, 30), new Place(5, 50), 5L);
            assertThat(follower.reached(6).toCompletableFuture()).isCompleted();
        }
    }

    @Test
    void follower_whoseFirstRecordsAreDeletedStill_fails() {
        try (Follower follower = follower(() -> new Place(3, 30))) {
            await().until(() -> follower.state() instanceof JournalState.Failed);
            assertThat(events).containsExactly(new Place(3, 30), new Place(3, 30));
        }
    }

    /** What it has taken would lack what lies between. */
    @Test
    void follower_thatHasTakenSomething_neverBeginsAnew() {
        try (Follower follower = follower(() -> new Place(5, 50))) {
            await().until(() -> follower.position() == 6);
            consumer.schedulePollTask(() -> beginsWith(9));

            await().until(() -> follower.state() instanceof JournalState.Failed);
            assertThat(events).containsExactly(new Place(5, 50), 5L);
        }
    }

    @Test
    void follower_thatKnowsNoBeginning_isNone() {
        assertThatThrownBy(() -> follower(() -> {
                    throw new IllegalStateException("lost");
                }))
                .hasMessage("lost");
        assertThat(consumer.closed()).isTrue();
    }

    private void beginsWith(long offset) {
        consumer.updateBeginningOffsets(Map.of(PARTITION, offset));
        consumer.updateEndOffsets(Map.of(PARTITION, offset + 1));
        consumer.addRecord(new ConsumerRecord<>("t", 0, offset, null, new byte[1]));
    }

    private Follower follower(Supplier<Place> beginning) {
        return new Follower(consumer, PARTITION, beginning, sink);
    }
}
