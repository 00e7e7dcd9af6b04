package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.RunningService;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command that reads a journal's directory, beside a service and behind one. */
class JournalInspectIT {
    private static final int POISON = 666;

    private final Path journal = TemporaryDirectory.create("inspected");
    private TestDatabase database;

    @BeforeEach
    void create() {
        database = TestDatabase.create();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void inspect_ofALiveDirectory_saysWhoUsesIt_andTheServiceGoesOn() {
        assumeThat(Path.of("/proc/locks")).isReadable();
        try (RunningService service = start()) {
            service.manage("POST", "/admin/pause");
            batch(service, 1, 5);

            CommandRun run = CommandRun.of(Map.of(), "journal", "inspect", journal.toString());

            assertThat(run.status()).as(run.output()).isZero();
            assertThat(run.out())
                    .contains("by process " + ProcessHandle.current().pid(), "takes over 5 keys and 0 resets")
                    .containsPattern("damage +none");
            batch(service, 6, 7);
            assertThat(json("in_use_by")).isEqualTo(ProcessHandle.current().pid());
            assertThat(json("keys")).isEqualTo(7L);
            service.manage("POST", "/admin/resume");
        }
        assertThat(database.rows()).isEqualTo(7);
        assertThat(json("in_use_by")).isNull();
    }

    @Test
    void inspect_behindAService_tellsWhatIsLeft_andChangesNothing() throws IOException {
        leave(5);
        Files.write(lastSegment(), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
        Map<String, String> before = files();

        CommandRun run = CommandRun.of(Map.of("WRITEBEHIND_JOURNAL_DIR", journal.toString()), "journal", "inspect");

        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.out())
                .contains("by no process", "takes over 5 keys", "3 bytes, half written")
                .containsPattern("dead letters +1, received from 20\\d\\d-");
        assertThat(files()).isEqualTo(before);
        try (RunningService service = start()) {
            service.flush();
        }
        assertThat(database.rows()).isEqualTo(5);
    }

    @Test
    void inspect_ofAFlippedBitInTheMiddle_isNamedByFileAndOffset_withExitCode1() throws IOException {
        leave(5);
        Path segment = lastSegment();
        byte[] bytes = Files.readAllBytes(segment);
        bytes[bytes.length / 2] ^= 4;
        Files.write(segment, bytes);
        Map<String, String> before = files();

        CommandRun run = CommandRun.of(Map.of(), "journal", "inspect", journal.toString());

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .containsPattern("DAMAGE +" + segment + " at byte \\d+")
                .contains("Copy the directory");
        CommandRun asJson = CommandRun.of(Map.of(), "journal", "inspect", "--json", journal.toString());
        assertThat(asJson.status()).isEqualTo(1);
        JsonObject damage = new JsonObject(asJson.out()).getJsonArray("damage").getJsonObject(0);
        assertThat(damage.getString("file")).isEqualTo(segment.toString());
        assertThat(damage.getLong("offset")).isBetween(1L, (long) bytes.length / 2);
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void inspect_whereThereIsNone_saysSo_andCreatesNothing() throws IOException {
        Path missing = journal.resolve("none");
        CommandRun run = CommandRun.of(Map.of(), "journal", "inspect", missing.toString());
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("There is no directory " + missing);
        assertThat(missing).doesNotExist();
        Path file = Files.writeString(journal.resolve("file"), "");
        assertThat(CommandRun.of(Map.of(), "journal", "inspect", file.toString())
                        .err())
                .contains("is no directory");
        assertThat(CommandRun.of(Map.of(), "journal").status()).isEqualTo(2);
    }

    /** Leaves as many keys in the journal, each in a frame of its own, and a dead letter. */
    private void leave(int keys) {
        RunningService service = start();
        database.execute(
                "ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (user_id <> " + POISON + ")");
        batch(service, POISON, POISON);
        service.flush();
        service.manage("POST", "/admin/pause");
        IntStream.rangeClosed(1, keys).forEach(user -> batch(service, user, user));
        assertThat(service.stop()).as("keys that are in no place").isZero();
    }

    private RunningService start() {
        return RunningService.start(
                database.uri(), "journal.dir=" + journal, "flush.interval=100ms", "shutdown.drain-timeout=1s");
    }

    private static void batch(RunningService service, int first, int last) {
        String body = Bodies.array(IntStream.rangeClosed(first, last).mapToObj(user -> Bodies.write(user, 0.5)));
        assertThat(service.post("", body).statusCode()).isEqualTo(202);
    }

    private Object json(String field) {
        return new JsonObject(CommandRun.of(Map.of(), "journal", "inspect", "--json", journal.toString())
                                        .out())
                                .getValue(field, null)
                        instanceof Number number
                ? number.longValue()
                : null;
    }

    private Path lastSegment() throws IOException {
        try (Stream<Path> files = Files.list(journal)) {
            return files.filter(file -> file.toString().endsWith(".journal"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    /** Returns what changes if anything is done to a file or to its directory. */
    private Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(journal)) {
            for (Path each : all.toList()) {
                String content = Files.isDirectory(each) ? "" : java.util.Arrays.toString(Files.readAllBytes(each));
                files.put(each.toString(), Files.getLastModifiedTime(each) + content);
            }
        }
        return files;
    }
}
