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
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
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
    private static final int UNDER_WAY = 20_000;

    private final String topic = "figures-" + UUID.randomUUID();
    private final List<ChildService> instances = new ArrayList<>();

    @BeforeEach
    void createTopic() {
        assumeThat(FULL).as("minutes, with -Pfull").isTrue();
        KafkaCluster.shared().createTopic(topic);
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

    /** Each is due at its time, whether those before are acknowledged or not, and waits from then on. */
    @Test
    void appends_2000EachSecond_areAcknowledgedInTime() throws Exception {
        int rate = 2_000;
        try (KafkaLog log = open()) {
            log.follow(record -> {});
            KeyPool keys = new KeyPool();
            Paced appends = new Paced(rate, i -> log.append(i, new Writes(List.of(write(i, keys)))));
            appends.send(10 * rate);
            print("records of one write, appended", rate, appends.send(30 * rate));
        }
    }

    /** Slow enough for two cores that have three instances, three brokers, database and callers. */
    @Test
    void singleWrites_500EachSecond_takeTheirTimeOfEachInstance() throws Exception {
        int rate = 500;
        int count = 30 * rate;
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
            ChildService taking = instances.stream()
                    .filter(each -> each != flusher)
                    .findFirst()
                    .orElseThrow();
            HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            Paced writes = new Paced(rate, i -> send(client, taking, i));
            writes.send(40 * rate);
            List<Duration> before = instances.stream().map(ChildService::cpu).toList();
            print("single writes, ack=journal", rate, writes.send(count));
            for (int i = 0; i < instances.size(); i++) {
                ChildService instance = instances.get(i);
                System.out.printf(
                        "CPU of the one that %s: %.0f µs for each%n",
                        instance == flusher ? "flushes" : instance == taking ? "takes them" : "follows",
                        instance.cpu().minus(before.get(i)).toNanos() / 1e3 / count);
            }
        }
    }

    private static CompletionStage<Void> send(HttpClient client, ChildService to, int number) {
        String body = Bodies.write(
                1 + number % LEARNERS, COURSE, BLOCK + "%032x".formatted(number / LEARNERS), number % 4 / 4.0);
        HttpRequest request = HttpRequest.newBuilder(to.uri("/v1/completions?ack=journal"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.discarding()).thenAccept(answer -> {
            if (answer.statusCode() != 202) {
                throw new IllegalStateException("status " + answer.statusCode());
            }
        });
    }

    /** Sends one thing after the other at a set rate; confined to one thread. */
    private record Paced(int rate, IntFunction<CompletionStage<Void>> action) {
        /** Returns how long each took from when it was due, in nanoseconds, sorted; fails if one failed. */
        long[] send(int count) {
            long[] nanos = new long[count];
            List<CompletableFuture<?>> done = new ArrayList<>(count);
            long begun = System.nanoTime();
            for (int i = 0; i < count; i++) {
                int number = i;
                long due = begun + i * 1_000_000_000L / rate;
                for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
                    LockSupport.parkNanos(early);
                }
                done.add(action.apply(i)
                        .thenAccept(sent -> nanos[number] = System.nanoTime() - due)
                        .toCompletableFuture());
            }
            done.forEach(CompletableFuture::join);
            Arrays.sort(nanos);
            return nanos;
        }
    }

    private static void print(String what, int rate, long[] nanos) {
        System.out.printf(
                "%d %s, %d each second: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms%n",
                nanos.length,
                what,
                rate,
                nanos[nanos.length / 2] / 1e6,
                nanos[nanos.length / 100 * 99] / 1e6,
                nanos[nanos.length / 1_000 * 999] / 1e6);
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
        KeyPool keys = new KeyPool();
        Semaphore room = new Semaphore(UNDER_WAY);
        AtomicLong failed = new AtomicLong();
        try (KafkaLog log = open()) {
            log.follow(record -> {});
            for (int i = 0; i < records; i++) {
                room.acquire();
                log.append(i, new Writes(List.of(write(i, keys)))).whenComplete((done, failure) -> {
                    if (failure != null) {
                        failed.incrementAndGet();
                    }
                    room.release();
                });
            }
            room.acquire(UNDER_WAY);
        }
        assertThat(failed).hasValue(0);
    }

    private KafkaLog open() {
        KafkaSettings settings = new KafkaSettings(
                KafkaCluster.shared().bootstrapServers(),
                topic,
                null,
                Duration.ofMillis(5),
                Duration.ofSeconds(6),
                10_000_000,
                null);
        return KafkaLog.open(settings, new KeyPool(), Duration.ofSeconds(30), ByteSize.ofMebibytes(1));
    }

    private static CompletionWrite write(int number, KeyPool keys) {
        CompletionKey key = new CompletionKey(
                1 + number % LEARNERS, keys.course(COURSE), keys.block(BLOCK + "%032x".formatted(number / LEARNERS)));
        return new CompletionWrite(key, number % 4 / 4.0);
    }

    private static long pending(ChildService instance) throws Exception {
        return new JsonObject(instance.manage("GET", "/admin/status").body())
                .getJsonObject("pending")
                .getLong("keys");
    }
}
