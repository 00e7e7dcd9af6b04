package dev.writebehind.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes directories under {@code target/}, on a real disk, which {@code mvn clean} removes. */
public final class TemporaryDirectory {
    private TemporaryDirectory() {}

    /** Creates an empty directory whose name begins so. */
    public static Path create(String name) {
        try {
            Path parent = Files.createDirectories(Path.of("target", "test-directories"));
            return Files.createTempDirectory(parent, name).toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
