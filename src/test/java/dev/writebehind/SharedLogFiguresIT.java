package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.journal.kafka.KafkaLog;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What several instances on one log cost: how long an append takes, what a write costs the one that takes it, one that
 * follows and the one that flushes, how fast the log is followed and read at a start. The figures are those of a quiet
 * machine, if it is one.
 */
class SharedLogFiguresIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final String COURSE = "course-v1:OpenedX+DemoX+DemoCourse";
    private static final String BLOCK = "block-v1:OpenedX+DemoX+DemoCourse+type@video+block@";
    private static final int LEARNERS = 20_000;

    private final String topic = "figures-" + UUID.randomUUID();
    private final List<ChildService> instances = new ArrayList<>();

    @BeforeEach
    void createTopic() {
        assumeThat(FULL).as("minutes, with -Pfull").isTrue();
        KafkaCluster.shared()
                .createTopic(
                        topic,
                        Map.of(
                                "message.timestamp.type", "LogAppendTime",
                                "min.insync.replicas", "2",
                                "retention.ms", "-1"));
    }

    @AfterEach
    void stopInstances() {
        instances.forEach(ChildService::close);
    }

    private ChildService start(TestDatabase database, String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "journal.kind=kafka",
                "journal.kafka.bootstrap-servers=" + KafkaCluster.shared().bootstrapServers(),
                "journal.kafka.topic=" + topic));
        settings.addAll(List.of(more));
        ChildService instance = ChildService.start(
                List.of("-Xmx2g", "-XX:+UseSerialGC"), database.uri(), settings.toArray(String[]::new));
        instances.add(instance);
        instance.uri("/");
        return instance;
    }

    /** Each write is sent when it is due, whether those before are answered or not, and waits from then on. */
    @Test
    void singleWrites_2000EachSecond_areAppendedInTime() throws Exception {
        int rate = 2_000;
        int warmUp = 20 * rate;
        int measured = 30 * rate;
        try (TestDatabase database = TestDatabase.create()) {
            for (int i = 0; i < 3; i++) {
                start(database);
            }
            ChildService flusher = Awaitility.await("one that flushes")
                    .until(
                            () -> instances.stream()
                                    .filter(SharedLogFiguresIT::flushes)
                                    .findFirst()
                                    .orElse(null),
                            each -> each != null);
            List<ChildService> others =
                    instances.stream().filter(each -> each != flusher).toList();
            ChildService taking = others.get(0);
            HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            send(client, taking, rate, warmUp);
            List<Duration> before = instances.stream().map(ChildService::cpu).toList();
            long[] nanos = send(client, taking, rate, measured);
            Arrays.sort(nanos);
            System.out.printf(
                    "%d single writes, ack=journal, %d each second: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms%n",
                    measured,
                    rate,
                    nanos[measured / 2] / 1e6,
                    nanos[measured / 100 * 99] / 1e6,
                    nanos[measured / 1_000 * 999] / 1e6);
            for (int i = 0; i < instances.size(); i++) {
                ChildService instance = instances.get(i);
                System.out.printf(
                        "CPU of the one that %s: %.0f µs for each%n",
                        instance == flusher ? "flushes" : instance == taking ? "takes them" : "follows",
                        instance.cpu().minus(before.get(i)).toNanos() / 1e3 / measured);
            }
            assertThat(nanos[0]).isPositive();
        }
    }

    private static long[] send(HttpClient client, ChildService to, int rate, int count) {
        long[] nanos = new long[count];
        List<CompletableFuture<?>> answered = new ArrayList<>(count);
        long begun = System.nanoTime();
        for (int i = 0; i < count; i++) {
            int write = i;
            long due = begun + i * 1_000_000_000L / rate;
            for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
                LockSupport.parkNanos(early);
            }
            HttpRequest request = HttpRequest.newBuilder(to.uri("/v1/completions?ack=journal"))
                    .header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(Bodies.write(
                            1 + i % LEARNERS, COURSE, BLOCK + "%032x".formatted(i / LEARNERS), i % 4 / 4.0)))
                    .build();
            answered.add(client.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                    .handle((answer, failure) -> nanos[write] = answer != null && answer.statusCode() == 202
                            ? System.nanoTime() - due
                            : Duration.ofMinutes(1).toNanos()));
        }
        answered.forEach(CompletableFuture::join);
        return nanos;
    }

    private static boolean flushes(ChildService instance) {
        return instance.output().stream().anyMatch(line -> line.contains("This instance flushes from now on"));
    }

    /** Records of one write each, all different, as single requests make them. */
    @Test
    void million_ofRecords_isFollowedAndReadAtAStart() throws Exception {
        int records = 1_000_000;
        try (TestDatabase database = TestDatabase.create()) {
            ChildService follower = start(database, "buffer.max-pending=2000000", "buffer.max-bytes=1500MiB");
            assertThat(follower.manage("POST", "/admin/pause").statusCode()).isEqualTo(200);
            long begun = System.nanoTime();
            append(records);
            double appended = (System.nanoTime() - begun) / 1e9;
            Awaitility.await("all that was appended")
                    .atMost(Duration.ofMinutes(5))
                    .until(() -> pending(follower) == records);
            double followed = (System.nanoTime() - begun) / 1e9;
            System.out.printf(
                    "%d records: appended in %.1f s, followed meanwhile by %.1f s, CPU %.1f µs for each%n",
                    records, appended, followed, follower.cpu().toNanos() / 1e3 / records);
            long start = System.nanoTime();
            ChildService late = start(database, "buffer.max-pending=2000000", "buffer.max-bytes=1500MiB");
            double read = (System.nanoTime() - start) / 1e9;
            assertThat(pending(late)).isEqualTo(records);
            System.out.printf(
                    "a start that reads them: %.1f s, %.0f records/s, CPU %.1f µs for each%n",
                    read, records / read, late.cpu().toNanos() / 1e3 / records);
        }
    }

    private void append(int records) throws InterruptedException {
        KafkaSettings settings = new KafkaSettings(
                KafkaCluster.shared().bootstrapServers(),
                topic,
                null,
                Duration.ofMillis(5),
                Duration.ofSeconds(6),
                10_000_000,
                null);
        KeyPool keys = new KeyPool();
        Semaphore room = new Semaphore(20_000);
        AtomicLong failed = new AtomicLong();
        try (KafkaLog log = KafkaLog.open(settings, keys, Duration.ofSeconds(30), ByteSize.ofMebibytes(1))) {
            log.follow(record -> {});
            for (int i = 0; i < records; i++) {
                CompletionKey key = new CompletionKey(
                        1 + i % LEARNERS, keys.course(COURSE), keys.block(BLOCK + "%032x".formatted(i / LEARNERS)));
                room.acquire();
                log.append(i, new Writes(List.of(new CompletionWrite(key, 0.5))))
                        .whenComplete((done, failure) -> {
                            if (failure != null) {
                                failed.incrementAndGet();
                            }
                            room.release();
                        });
            }
            room.acquire(20_000);
        }
        assertThat(failed).hasValue(0);
    }

    private static long pending(ChildService instance) throws Exception {
        return new JsonObject(instance.manage("GET", "/admin/status").body())
                .getJsonObject("pending")
                .getLong("keys");
    }
}
