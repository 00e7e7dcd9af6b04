package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Writes that come into the log long after they were sent, behind newer ones. */
class LateRecordsIT {
    private static final String COURSE = "course-v1:O+C+R";
    private static final String READ = "/v1/users/1/completions?course_key=course-v1:O%2BC%2BR";
    private static final long VALID_MILLIS = 3_000;
    /** An attempt is in vain where this machine has no time for it. */
    private static final int MAX_ATTEMPTS = 6;

    private final String topic = "late-" + UUID.randomUUID();

    /** What it has in hand goes to the brokers first of all when it goes on. */
    @Test
    void write_ofAnInstanceThatStoodStill_isNotBroughtBackOverANewerOne() throws Exception {
        KafkaCluster.shared().createTopic(topic);
        try (TestDatabase database = TestDatabase.create();
                ChildService still = start(database, "1s");
                ChildService other = start(database, "5ms")) {
            assertThat(status(still, 0.1)).isEqualTo(202); // knows the brokers, and their time
            assertThat(status(other, 0.2)).isEqualTo(202);
            assertThat(value(still)).isEqualTo(0.2);

            double newest = 0.2;
            int answer = 202;
            for (int attempt = 1; answer == 202 && attempt <= MAX_ATTEMPTS; attempt++) {
                newest = attempt / 10.0 + 0.25;
                double old = attempt / 10.0 + 0.2;
                CompletableFuture<Integer> late = CompletableFuture.supplyAsync(() -> status(still, old));
                Thread.sleep(400); // taken, and with its producer, which waits for others to go with it
                still.pause();
                Thread.sleep(VALID_MILLIS + 1_500);
                assertThat(status(other, newest)).isEqualTo(202);
                long end = end();
                still.resume();
                answer = late.join(); // 202: it was sent before the pause, or taken after it
                Awaitility.await("what it had in hand").until(() -> end() > end || late.join() == 202);
            }
            assertThat(answer).isEqualTo(503);
            assertThat(status(other, 0.5, "another")).isEqualTo(202);
            assertThat(value(still)).isEqualTo(newest);
            assertThat(value(other)).isEqualTo(newest);
            assertThat(other.manage("POST", "/admin/flush?timeout=60s").statusCode())
                    .isEqualTo(200);
            assertThat(database.query("SELECT completion FROM completion_blockcompletion WHERE block_key = 'b'"))
                    .isEqualTo(List.of(List.of(String.valueOf(newest))));
        }
    }

    private static int status(ChildService service, double value) {
        return status(service, value, "b");
    }

    private static int status(ChildService service, double value, String block) {
        try {
            return service.post("?ack=journal", Bodies.write(1, COURSE, block, value))
                    .statusCode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static double value(ChildService service) throws Exception {
        HttpResponse<String> answer = service.get(READ);
        assertThat(answer.statusCode()).isEqualTo(200);
        return new JsonObject(answer.body())
                .getJsonArray("completions").stream()
                        .map(JsonObject.class::cast)
                        .filter(row -> row.getString("block_key").equals("b"))
                        .findFirst()
                        .orElseThrow()
                        .getDouble("completion");
    }

    private long end() throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return KafkaCluster.shared()
                .admin()
                .listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private ChildService start(TestDatabase database, String linger) {
        return ChildService.start(
                List.of("-Xmx192m", "-XX:+UseSerialGC"),
                database.uri(),
                "journal.kind=kafka",
                "journal.kafka.bootstrap-servers=" + KafkaCluster.shared().bootstrapServers(),
                "journal.kafka.topic=" + topic,
                "journal.kafka.linger=" + linger,
                "flush.interval=100ms",
                "ingest.ack-timeout=2s");
    }
}
