package dev.writebehind.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.testing.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrivateFilesTest {
    private final Path dir = TemporaryDirectory.create("private-files");

    @Test
    void createDirectories_forcesTheNameOfEachOnceItIsThere() throws IOException {
        Path deepest = dir.resolve("a").resolve("b");
        List<Path> forced = new ArrayList<>();

        boolean created = PrivateFiles.createDirectories(deepest, parent -> {
            assertThat(parent.resolve(forced.isEmpty() ? "a" : "b")).isDirectory();
            forced.add(parent);
        });

        assertThat(created).isTrue();
        assertThat(forced).containsExactly(dir, dir.resolve("a"));
        assertThat(PrivateFiles.createDirectories(deepest, forced::add)).isFalse();
        assertThat(forced).hasSize(2);
    }

    @Test
    void createDirectories_whereAFileStands_fails() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));

        assertThatThrownBy(() -> PrivateFiles.createDirectories(file)).isInstanceOf(IOException.class);
    }
}
