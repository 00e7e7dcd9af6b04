package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.learnerday.ReferenceModel;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The journal's disk fills up under the whole service. Runs where a small file system may be mounted. */
class DiskFullIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int KEYS = 50;

    /** What there is no more of. */
    enum Exhausted {
        SPACE,
        /** New segments can't be created. */
        NAMES;

        void on(SmallDisk disk) {
            if (this == SPACE) {
                disk.fillSpace();
            } else {
                disk.fillNames();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Exhausted.class)
    void diskIsFull_writesAreRefusedUntilThereIsSpaceAgainAndNothingElseSuffers(Exhausted exhausted) throws Exception {
        ReferenceModel model = new ReferenceModel();
        try (SmallDisk disk = smallDisk();
                TestDatabase database = TestDatabase.create();
                ChildService service = start(database.uri(), disk)) {
            OpenLoad load = OpenLoad.start(service.uri("/v1/completions"), 400, 100, 20, model, 9);
            long refusals;
            long fullMillis;
            try (load) {
                load.awaitAccepted(500);
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
                    exhausted.on(disk);
                    return !load.others().isEmpty();
                });
                long full = System.nanoTime();

                refused(service.post("", write(0, 0.5)));
                long files = files(disk);
                long open = service.openFiles(disk.path());
                // Several attempts to write, one each second.
                Thread.sleep(FULL ? 30_000 : 4_000);
                assertThat(files(disk)).isEqualTo(files);
                assertThat(service.openFiles(disk.path())).isEqualTo(open).isPositive();
                refused(service.post("?ack=database", write(0, 0.5)));
                assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
                assertThat(service.manage("GET", "/health/ready").statusCode()).isEqualTo(503);
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
            assertThat(model.differences(LearnerDayIT.rows(database), 10)).isEmpty();
        }
    }

    @Test
    void killNine_whileTheDiskIsFullAndTheDatabaseAway_losesNothingAcknowledged() throws Exception {
        try (SmallDisk disk = smallDisk();
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
                        refused(answer);
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
                refused(service.post("", write(0, 0.5)));
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

    private static SmallDisk smallDisk() {
        Optional<SmallDisk> disk = SmallDisk.mount(4, 100);
        assumeThat(disk).as("this process may mount a file system").isPresent();
        return disk.orElseThrow();
    }

    private static ChildService start(String uri, SmallDisk disk) {
        return ChildService.start(
                uri,
                "journal.dir=" + disk.path().resolve("journal"),
                "journal.segment-size=64KiB",
                "flush.interval=100ms",
                "flush.max-backoff=200ms");
    }

    private static void refused(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(answer.headers().firstValue("retry-after")).isPresent();
        assertThat(new JsonObject(answer.body()).getString("detail")).contains("No space left");
    }

    private static long files(SmallDisk disk) throws IOException {
        try (var files = Files.list(disk.path().resolve("journal"))) {
            return files.count();
        }
    }

    private static String writes(int round) {
        return IntStream.range(0, KEYS)
                .mapToObj(key -> write(key, value(round)))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static double value(int round) {
        return round / 65_536.0;
    }

    private static String write(int block, double value) {
        return "{\"user_id\":7777,\"course_key\":\"c\",\"block_key\":\"b" + block + "\",\"completion\":" + value + "}";
    }
}
