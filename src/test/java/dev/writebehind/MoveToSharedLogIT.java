package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.TestDatabase;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A site that moves from a journal of its own to a shared log and back, by the steps of docs/scale-out.md. */
class MoveToSharedLogIT {
    private static final String COURSE = "course-v1:O+C+R";

    private final String topic = "moved-" + UUID.randomUUID();

    /** @param skewMillis how far the one machine's clock is from the brokers' */
    @ParameterizedTest
    @ValueSource(longs = {0, 5_000, -5_000})
    void move_thereAndBack_losesNothing_whateverTheClocks(long skewMillis) {
        KafkaCluster.shared().createTopic(topic);
        ReceiptClock skewed = new ReceiptClock(() -> (System.currentTimeMillis() + skewMillis) * 1_000);
        try (TestDatabase database = TestDatabase.create()) {
            try (RunningService before = RunningService.start(skewed, database.uri(), "flush.interval=1h")) {
                before.write(1, COURSE, "b", 0.25);
                before.write(1, COURSE, "c", 0.25);
            }
            assertThat(value(database, "b")).isEqualTo("0.25");
            for (int i = 0; i < 2; i++) {
                try (RunningService shared = RunningService.start(
                        skewed,
                        database.uri(),
                        "flush.interval=100ms",
                        "journal.kind=kafka",
                        "journal.kafka.bootstrap-servers="
                                + KafkaCluster.shared().bootstrapServers(),
                        "journal.kafka.topic=" + topic)) {
                    shared.write(1, COURSE, "b", 0.5 + i / 8.0);
                    shared.flush();
                    assertThat(value(database, "b")).isEqualTo(String.valueOf(0.5 + i / 8.0));
                }
            }
            ReceiptClock later = new ReceiptClock(() -> (System.currentTimeMillis()
                            + skewMillis
                            + Duration.ofMinutes(1).toMillis())
                    * 1_000);
            try (RunningService after = RunningService.start(later, database.uri(), "flush.interval=1h")) {
                after.write(1, COURSE, "b", 0.75);
                after.flush();
                assertThat(value(database, "b")).isEqualTo("0.75");
                assertThat(value(database, "c")).isEqualTo("0.25");
            }
        }
    }

    private static String value(TestDatabase database, String block) {
        return database.value("SELECT completion FROM completion_blockcompletion WHERE block_key = '" + block + "'");
    }
}
