package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.learnerday.ReferenceModel;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.FaultyProxy.Mode;
import dev.writebehind.testing.LoopDisk;
import dev.writebehind.testing.OpenLoad;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal's volume turns read-only, goes away, or is not there. Runs where a file system may be mounted. */
class JournalVolumeIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String WRITE = Bodies.write(7777, 0.5);

    /** As after an I/O error: only once nobody uses it is it writable again. */
    @Test
    void volumeTurnsReadOnly_refusesWritesAndOnceRepairedTheNextStartBringsEverything() throws Exception {
        ReferenceModel model = new ReferenceModel();
        try (LoopDisk disk = mounted();
                TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port())) {
            Path journal = disk.path().resolve("journal");
            try (ChildService service = start(database.uriThrough(proxy.port()), journal)) {
                try (OpenLoad load = load(service, model)) {
                    load.awaitAccepted(300);
                    proxy.set(Mode.REFUSE);
                    load.awaitAccepted(300);
                }
                // Nothing is under way: ext4 may confirm an fsync that meets the failure, although the bytes are lost.
                disk.failReadOnly();
                try (OpenLoad load = load(service, model)) {
                    await().atMost(LONG).until(() -> !load.others().isEmpty());
                    refused(service, "the journal");
                    assertThat(load.accepted()).isZero();
                    assertThat(load.others().keySet()).allMatch(answer -> answer.startsWith("503 "));
                    service.kill();
                    service.exitCode(LONG);
                }
            }
            try (ChildService service = start(database.uri(), journal)) {
                assertThat(service.exitCode(LONG)).isNotZero();
                assertThat(service.output()).anyMatch(line -> line.contains("Read-only file system"));
            }
            disk.repair();
            bringsEverything(database, journal, model);
        }
    }

    /** The files that are open go on taking writes, which the next start would not find. */
    @ParameterizedTest
    @ValueSource(strings = {"", "journal"})
    void volumeIsDetached_refusesWritesUntilItIsBack(String below) throws Exception {
        assumeThat(FULL || !below.isEmpty()).as("the other one with -Pfull").isTrue();
        ReferenceModel model = new ReferenceModel();
        try (LoopDisk disk = mounted();
                TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port())) {
            Path journal = disk.path().resolve(below);
            try (ChildService service = start(database.uriThrough(proxy.port()), journal)) {
                try (OpenLoad load = load(service, model)) {
                    load.awaitAccepted(300);
                    proxy.set(Mode.REFUSE);
                    disk.detach();
                    await().atMost(LONG).until(() -> !load.others().isEmpty());
                    refused(service, "the journal's volume is away");
                    assertThat(files(disk.path())).isZero();

                    disk.attach();
                    load.awaitAccepted(300);
                    assertThat(load.others().keySet()).allMatch(answer -> answer.startsWith("503 "));
                }
                service.kill();
                service.exitCode(LONG);
            }
            bringsEverything(database, journal, model);
        }
    }

    @Test
    void start_onAnEmptyMountPoint_tellsOfTheNewJournalAndLeavesTheOldOneAlone() throws Exception {
        try (LoopDisk disk = mounted();
                TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port())) {
            proxy.set(Mode.REFUSE);
            try (ChildService service = start(database.uriThrough(proxy.port()), disk.path())) {
                assertThat(service.post("", WRITE).statusCode()).isEqualTo(202);
                service.kill();
                service.exitCode(LONG);
            }
            disk.detach();
            try (ChildService service = start(database.uri(), disk.path())) {
                service.uri("/");
                assertThat(service.output())
                        .filteredOn(line -> line.contains("No journal is in " + disk.path()))
                        .hasSize(1)
                        .allMatch(line -> line.contains("WARN") && line.contains("not mounted"));
                service.terminate();
                assertThat(service.exitCode(LONG)).isZero();
            }
            disk.attach();
            try (ChildService service = start(database.uri(), disk.path())) {
                assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
                assertThat(service.output()).noneMatch(line -> line.contains("No journal is in"));
            }
            assertThat(database.rows()).isOne();
        }
    }

    @Test
    void start_onAVolumeMountedReadOnly_isRefusedAndSaysWhy() throws Exception {
        try (LoopDisk disk = mounted();
                TestDatabase database = TestDatabase.create()) {
            disk.detach();
            disk.attachReadOnly();
            try (ChildService service = start(database.uri(), disk.path())) {
                assertThat(service.exitCode(LONG)).isNotZero();
                assertThat(service.output())
                        .anyMatch(line -> line.contains("the journal directory " + disk.path() + " can't be used")
                                && line.contains("Read-only file system"));
            }
        }
    }

    /** What the operator can do lest a new journal begins beside the volume. */
    @Test
    void start_onAMountPointThatNobodyMayWrite_isRefused() throws Exception {
        try (LoopDisk disk = mounted();
                TestDatabase database = TestDatabase.create()) {
            disk.detach();
            assumeThat(disk.forbidMountPoint()).isTrue();
            for (String below : new String[] {"", "journal"}) {
                try (ChildService service = start(database.uri(), disk.path().resolve(below))) {
                    assertThat(service.exitCode(LONG)).isNotZero();
                    assertThat(service.output()).anyMatch(line -> line.contains("Look whether its volume is mounted"));
                }
            }
        }
    }

    private static void bringsEverything(TestDatabase database, Path journal, ReferenceModel model) throws Exception {
        try (ChildService service = start(database.uri(), journal)) {
            assertThat(service.post("", WRITE).statusCode()).isEqualTo(202);
            assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            assertThat(service.manage("GET", "/health/ready").statusCode()).isEqualTo(200);
        }
        database.execute("DELETE FROM completion_blockcompletion WHERE user_id = 7777");
        System.out.printf("Journal's volume was away: %d keys acknowledged%n", model.size());
        assertThat(model.differences(LearnerDayIT.rows(database), 10)).isEmpty();
    }

    private static void refused(ChildService service, String reason) throws Exception {
        HttpResponse<String> answer = service.post("", WRITE);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(answer.headers().firstValue("retry-after")).isPresent();
        assertThat(new JsonObject(answer.body()).getString("detail")).contains(reason);
        HttpResponse<String> ready = service.manage("GET", "/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains(reason, "\"name\":\"journal-");
    }

    private static OpenLoad load(ChildService service, ReferenceModel model) {
        return OpenLoad.start(service.uri("/v1/completions"), 300, 100, 20, model, 9);
    }

    private static ChildService start(String uri, Path journal) {
        return ChildService.start(
                uri,
                "journal.dir=" + journal,
                "journal.segment-size=64KiB",
                "flush.interval=100ms",
                "flush.max-backoff=200ms");
    }

    private static LoopDisk mounted() {
        Optional<LoopDisk> disk = LoopDisk.mount(16);
        assumeThat(disk).as("this process may mount a file system").isPresent();
        return disk.orElseThrow();
    }

    private static long files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> !file.equals(directory)).count();
        }
    }
}
