package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.cli.CommandRun;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators are told of two instances on one log: which one flushes, and how far each is. */
class SharedLogStatusIT {
    private final String topic = "status-" + UUID.randomUUID();
    private final TestDatabase database = TestDatabase.create();

    @BeforeEach
    void createTopic() {
        KafkaCluster.shared().createTopic(topic);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private RunningService start() {
        return RunningService.start(
                database.uri(),
                "journal.kind=kafka",
                "journal.kafka.bootstrap-servers=" + KafkaCluster.shared().bootstrapServers(),
                "journal.kafka.topic=" + topic,
                "flush.interval=50ms");
    }

    @Test
    void part_isToldByStatusMetersAndCommand_andPassesToTheOtherAtATakeover() {
        RunningService one = start();
        try (RunningService other = start()) {
            await().until(() -> sharing(one).getString("part").equals("flushes"));
            assertThat(sharing(other).getString("part")).isEqualTo("follows");
            assertThat(gauge(one, "writebehind_flusher")).isEqualTo(1);
            assertThat(gauge(other, "writebehind_flusher")).isZero();
            assertThat(gauge(one, "writebehind_claims_total")).isPositive();
            assertThat(gauge(other, "writebehind_claims_total")).isZero();
            await().until(() ->
                    sharing(other).getLong("epoch").equals(sharing(one).getLong("epoch")));
            double epoch = gauge(one, "writebehind_epoch");
            assertThat(epoch).isPositive();

            other.write(1, "c", "b", 0.5);
            one.flush();
            assertThat(gauge(other, "writebehind_log_append_seconds_count")).isPositive();
            await().until(() -> sharing(other).getDouble("behind_seconds") == 0
                    && sharing(other).getLong("unread_records") == 0);
            assertThat(CommandRun.with(Map.of(), "status", "--management", other.managementAddress())
                            .out())
                    .contains("follows, in epoch " + (long) epoch, "behind the log's end, which 3 of 3 brokers have");

            one.stop();
            await().until(() -> gauge(other, "writebehind_flusher") == 1);
            assertThat(gauge(other, "writebehind_epoch")).isGreaterThan(epoch);
            assertThat(status(other).getJsonArray("recent").encode()).contains("This instance flushes from now on");
        }
    }

    @Test
    void oldestAge_ofAFollower_growsWhileWritesWait_andIsNothingAfterwards() {
        try (RunningService one = start();
                RunningService other = start()) {
            await().until(() -> gauge(one, "writebehind_flusher") == 1);
            one.manage("POST", "/admin/pause");
            one.write(1, "c", "b", 0.5);
            await().until(() -> gauge(other, "writebehind_pending_oldest_age_seconds") > 1.5);
            assertThat(gauge(other, "writebehind_pending_oldest_age_seconds"))
                    .isLessThanOrEqualTo(gauge(one, "writebehind_pending_oldest_age_seconds") + 10);
            one.manage("POST", "/admin/resume");
            one.flush();
            await().until(() -> gauge(other, "writebehind_pending_oldest_age_seconds") == 0);
        }
    }

    @Test
    void meters_areThoseOfThePage() throws IOException {
        Pattern row = Pattern.compile("\\| `(writebehind_\\w+)` .*");
        Set<String> documented;
        try (Stream<String> lines = Files.lines(Path.of("docs/metrics.md"))) {
            documented = lines.map(row::matcher)
                    .filter(matcher -> matcher.matches())
                    .map(matcher -> matcher.group(1))
                    .filter(name -> !name.startsWith("writebehind_journal_sync_seconds"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        try (RunningService service = start()) {
            service.write(1, "c", "b", 0.5);
            service.flush();
            await().untilAsserted(() -> assertThat(service.manage("GET", "/metrics")
                            .body()
                            .lines()
                            .filter(line -> line.startsWith("# TYPE writebehind_"))
                            .map(line -> line.split(" ", -1)[2]))
                    .containsExactlyInAnyOrderElementsOf(documented));
        }
    }

    private static JsonObject status(RunningService service) {
        return new JsonObject(service.manage("GET", "/admin/status").body());
    }

    private static JsonObject sharing(RunningService service) {
        return status(service).getJsonObject("sharing");
    }

    private static double gauge(RunningService service, String name) {
        return service.manage("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }
}
