package dev.writebehind.journal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SegmentFileTest {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    private final Path dir = TemporaryDirectory.create("segment-file");

    /** A full disk is tried again every second: what each try left behind would add up. */
    @Test
    void create_nameCanNotBeForced_leavesNeitherFileNorChannelBehind() throws IOException {
        Path file = dir.resolve("segment");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> SegmentFile.onDisk(file, directory -> {
                        throw new IOException("No space left on device");
                    }))
                    .isExactlyInstanceOf(IOException.class);
        }
        assertThat(file).doesNotExist();
        assumeThat(OPEN_FILES).isDirectory();
        try (Stream<Path> open = Files.list(OPEN_FILES)) {
            assertThat(open.filter(link -> leadsInto(dir, link))).isEmpty();
        }
        SegmentFile.onDisk(file).close();
        assertThat(file).exists();
    }

    @Test
    void create_isDoneWithItsNameForcedInItsDirectory() throws IOException {
        List<Path> forced = new ArrayList<>();
        Path file = dir.resolve("segment");

        SegmentFile.onDisk(file, directory -> {
                    assertThat(file).exists();
                    forced.add(directory);
                })
                .close();

        assertThat(forced).containsExactly(dir);
    }

    private static boolean leadsInto(Path dir, Path link) {
        try {
            return Files.readSymbolicLink(link).startsWith(dir);
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }
}
