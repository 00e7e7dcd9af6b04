package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service keeps on disk tells who learns what: nobody else may read it, whatever the umask is. */
class PermissionsIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final String PRIVATE_DIRECTORY = "rwx------";
    private static final String PRIVATE_FILE = "rw-------";

    @ParameterizedTest
    @ValueSource(strings = {"000", "077"})
    void serve_createsNothingThatOthersMayRead(String umask) throws Exception {
        assumeThat(FULL || umask.equals("000")).as("the other one with -Pfull").isTrue();
        Path above = TemporaryDirectory.create("permissions").resolve("above");
        Path journal = above.resolve("journal");
        try (TestDatabase database = TestDatabase.create()) {
            try (ChildService service = start(umask, database, journal)) {
                for (int request = 0; request < 20; request++) {
                    assertThat(service.post("?ack=database", writes(request)).statusCode())
                            .isEqualTo(200);
                }
                database.execute(
                        "ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (user_id <> 666)");
                assertThat(service.post("?ack=database", write(666, 0)).statusCode())
                        .isEqualTo(422);
                service.kill();
                service.exitCode(Duration.ofMinutes(3));
            }
            Files.write(newestSegment(journal), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
            try (ChildService service = start(umask, database, journal)) {
                assertThat(service.post("?ack=database", write(1, 1)).statusCode())
                        .isEqualTo(200);
                assertThat(service.output()).noneMatch(line -> line.contains("Others than this process's user"));
            }
        }

        Map<String, String> permissions = permissions(above);
        assertThat(permissions.keySet().stream().map(name -> name.replaceAll("\\d+", "n")))
                .contains(
                        "",
                        "journal",
                        "journal/lock",
                        "journal/segment-n.journal",
                        "journal/segment-n.journal.torn-tail",
                        "journal/dead-letters",
                        "journal/dead-letters/n.json");
        permissions.forEach((name, found) -> assertThat(found)
                .as(name)
                .isEqualTo(Files.isDirectory(above.resolve(name)) ? PRIVATE_DIRECTORY : PRIVATE_FILE));
    }

    /** It is for the operator to say who else may read what is there; new files are nobody else's even so. */
    @Test
    void serve_directoriesOfAnEarlierVersionAreOpenToOthers_saysHowToCloseThem() throws Exception {
        Path journal = TemporaryDirectory.create("permissions").resolve("journal");
        Path deadLetters = Files.createDirectories(journal.resolve("dead-letters"));
        for (Path directory : new Path[] {journal, deadLetters}) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        try (TestDatabase database = TestDatabase.create();
                ChildService service = start("022", database, journal)) {
            assertThat(service.post("", write(1, 1)).statusCode()).isEqualTo(202);
            assertThat(service.output())
                    .anyMatch(line -> line.contains("WARN") && line.contains("chmod -R go= " + journal));
            assertThat(permissions(journal))
                    .allSatisfy((name, found) -> assertThat(found)
                            .isEqualTo(Files.isDirectory(journal.resolve(name)) ? "rwxr-xr-x" : PRIVATE_FILE));
        }
    }

    private static ChildService start(String umask, TestDatabase database, Path journal) {
        return ChildService.startWithUmask(
                umask, database.uri(), "journal.dir=" + journal, "journal.segment-size=64KiB", "flush.interval=50ms");
    }

    private static Map<String, String> permissions(Path directory) throws IOException {
        Map<String, String> permissions = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                permissions.put(
                        directory.relativize(file).toString(),
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            }
        }
        return permissions;
    }

    private static Path newestSegment(Path journal) throws IOException {
        try (Stream<Path> files = Files.list(journal)) {
            return files.filter(file -> file.toString().endsWith(".journal"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    private static String writes(int request) {
        return Bodies.array(IntStream.range(0, 50).mapToObj(block -> write(1 + request, block)));
    }

    private static String write(int user, int block) {
        return Bodies.write(user, "b" + block, 1);
    }
}
