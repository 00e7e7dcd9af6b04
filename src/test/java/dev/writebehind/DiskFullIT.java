package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.learnerday.ReferenceModel;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.FaultyProxy.Mode;
import dev.writebehind.testing.OpenLoad;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.SmallDisk;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The journal's disk fills up under the whole service. Runs where a small file system may be mounted. */
class DiskFullIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int KEYS = 50;
    private static final int USER = 7777;
    private static final Duration LONG = Duration.ofMinutes(3);

    /** What there is no more of. */
    enum Exhausted {
        SPACE,
        /** New segments can't be created. */
        NAMES,
        /** The file system has space, and says so, but not for this user or directory. */
        QUOTA;

        SmallDisk disk() {
            Optional<SmallDisk> disk = this == QUOTA ? SmallDisk.mountWithQuota(4) : SmallDisk.mount(4, 100);
            assumeThat(disk).as("this process may mount a file system").isPresent();
            return disk.orElseThrow();
        }

        void on(SmallDisk disk) {
            if (this == NAMES) {
                disk.fillNames();
            } else {
                disk.fillSpace();
            }
        }

        String reason() {
            return this == QUOTA ? "quota exceeded" : "No space left";
        }
    }

    @ParameterizedTest
    @EnumSource(Exhausted.class)
    void diskIsFull_writesAreRefusedUntilThereIsSpaceAgainAndNothingElseSuffers(Exhausted exhausted) throws Exception {
        ReferenceModel model = new ReferenceModel();
        try (SmallDisk disk = exhausted.disk();
                TestDatabase database = TestDatabase.create();
                ChildService service = start(database.uri(), disk)) {
            OpenLoad load = OpenLoad.start(service.uri("/v1/completions"), 400, 100, 20, model, 9);
            long refusals;
            long fullMillis;
            try (load) {
                load.awaitAccepted(500);
                Awaitility.await().atMost(LONG).until(() -> {
                    exhausted.on(disk);
                    return !load.others().isEmpty();
                });
                long full = System.nanoTime();

                refusedOnceFull(service, "", exhausted, disk);
                long files = files(disk);
                long open = service.openFiles(disk.path());
                // Several attempts to write, one each second.
                Thread.sleep(FULL ? 30_000 : 3_000);
                // Not equal: what is flushed meanwhile lets old files go, and a new one may take their place.
                assertThat(files(disk)).isLessThanOrEqualTo(files + 1);
                assertThat(service.openFiles(disk.path())).isBetween(1L, open + 1);
                refusedOnceFull(service, "?ack=database", exhausted, disk);
                assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
                Awaitility.await().atMost(LONG).until(() -> {
                    exhausted.on(disk);
                    return service.manage("GET", "/health/ready").statusCode() == 503;
                });
                try (RawHttp reader = RawHttp.connect(service.uri("/").getPort())) {
                    String read = "/v1/users/1/completions?course_key=course-v1:Org+Course+Run";
                    assertThat(reader.send(RawHttp.request("GET", read, ""))
                                    .answer()
                                    .status())
                            .isEqualTo(200);
                }

                disk.free();
                refusals = load.others().values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
                load.awaitAccepted(1_000);
                fullMillis = (System.nanoTime() - full) / 1_000_000;
            }
            assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            System.out.printf(
                    "Journal's disk without %s for some %d ms: %d writes accepted, %d refused and sent again%n",
                    exhausted, fullMillis, load.accepted(), refusals);
            assertThat(load.others().keySet()).allMatch(answer -> answer.startsWith("503 "));
            assertThat(load.accepted()).isEqualTo(load.sent());
            database.execute("DELETE FROM completion_blockcompletion WHERE user_id = " + USER);
            assertThat(model.differences(LearnerDayIT.rows(database), 10)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SPACE", "QUOTA"})
    void killNine_whileTheDiskIsFullAndTheDatabaseAway_losesNothingAcknowledged(Exhausted exhausted) throws Exception {
        try (SmallDisk disk = exhausted.disk();
                TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port())) {
            String uri = database.uriThrough(proxy.port());
            int acknowledged = 0;
            try (ChildService service = start(uri, disk)) {
                assertThat(service.post("?ack=database", writes(0)).statusCode())
                        .isEqualTo(200);
                proxy.set(Mode.REFUSE);
                boolean full = false;
                for (int round = 1; !full; round++) {
                    HttpResponse<String> answer = service.post("", writes(round));
                    if (answer.statusCode() == 202) {
                        acknowledged = round;
                    } else {
                        refused(answer, exhausted);
                        full = true;
                    }
                    if (round > 100) {
                        disk.fillSpace();
                    }
                }
                service.kill();
            }
            try (ChildService service = start(uri, disk)) {
                assertThat(service.manage("GET", "/health/ready").statusCode())
                        .as("a start needs no space, but refuses writes")
                        .isEqualTo(503);
                refused(service.post("", write(0, 0.5)), exhausted);
                service.kill();
            }
            disk.free();
            proxy.set(Mode.PASS);
            try (ChildService service = start(uri, disk)) {
                assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            }
            System.out.printf(
                    "kill -9 while the disk is full: %d rounds of %d keys acknowledged, none missing%n",
                    acknowledged, KEYS);
            assertThat(acknowledged).isGreaterThan(100);
            assertThat(database.value("SELECT COUNT(*) FROM completion_blockcompletion WHERE completion >= "
                            + value(acknowledged)))
                    .isEqualTo(String.valueOf(KEYS));
        }
    }

    private static ChildService start(String uri, SmallDisk disk) {
        return ChildService.start(
                uri,
                "journal.dir=" + disk.path().resolve("journal"),
                "journal.segment-size=64KiB",
                "flush.interval=100ms",
                "flush.max-backoff=200ms");
    }

    /** What is flushed meanwhile frees a little space, which has to be taken as well. */
    private static void refusedOnceFull(ChildService service, String query, Exhausted exhausted, SmallDisk disk) {
        HttpResponse<String> refusal = Awaitility.await()
                .atMost(LONG)
                .until(
                        () -> {
                            exhausted.on(disk);
                            return service.post(query, write(0, 0.5));
                        },
                        answer -> answer.statusCode() == 503);
        refused(refusal, exhausted);
    }

    private static void refused(HttpResponse<String> answer, Exhausted exhausted) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(answer.headers().firstValue("retry-after")).isPresent();
        assertThat(new JsonObject(answer.body()).getString("detail")).contains(exhausted.reason());
    }

    private static long files(SmallDisk disk) throws IOException {
        try (var files = Files.list(disk.path().resolve("journal"))) {
            return files.count();
        }
    }

    private static String writes(int round) {
        return Bodies.array(IntStream.range(0, KEYS).mapToObj(key -> write(key, value(round))));
    }

    private static double value(int round) {
        return round / 65_536.0;
    }

    private static String write(int block, double value) {
        return Bodies.write(USER, "b" + block, value);
    }
}
