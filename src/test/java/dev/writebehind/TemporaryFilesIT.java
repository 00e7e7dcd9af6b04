package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service needs no room for temporary files, and leaves none behind. */
class TemporaryFilesIT {
    private static final String WRITE = Bodies.write(42, 1);

    @Test
    void serve_killed_leavesNothingInTheTemporaryDirectory(@TempDir Path directory) throws Exception {
        try (TestDatabase database = TestDatabase.create();
                ChildService child = ChildService.start(options(directory), database.uri())) {
            assertThat(child.post("", WRITE).statusCode()).isEqualTo(202);
            child.kill();
            child.exitCode(Duration.ofMinutes(3));

            assertThat(names(directory)).noneMatch(name -> name.contains("vertx"));
            assertThat(names(directory))
                    .filteredOn(name -> !name.startsWith("hsperfdata"))
                    .isEmpty();
        }
    }

    /** As with a read-only root: the native transport finds no place to be unpacked to. */
    @Test
    void serve_withoutATemporaryDirectory_serves(@TempDir Path directory) throws Exception {
        Path missing = directory.resolve("file");
        Files.createFile(missing);
        try (TestDatabase database = TestDatabase.create();
                ChildService child = ChildService.start(options(missing.resolve("none")), database.uri())) {
            assertThat(child.post("?ack=database", WRITE).statusCode()).isEqualTo(200);
            assertThat(child.manage("GET", "/health/ready").statusCode()).isEqualTo(200);
            assertThat(child.output())
                    .filteredOn(line -> line.contains("Java's own means"))
                    .hasSize(1);
            assertThat(child.output()).noneMatch(line -> line.contains("ERROR"));
            child.terminate();
            assertThat(child.exitCode(Duration.ofMinutes(3))).isZero();
        }
    }

    private static List<String> options(Path temporary) {
        return List.of("-Djava.io.tmpdir=" + temporary, "-Dio.netty.native.workdir=" + temporary);
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
