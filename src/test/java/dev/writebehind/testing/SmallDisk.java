package dev.writebehind.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A file system in memory, small enough to be filled. Only where this process may mount one. Not for concurrent use. */
public final class SmallDisk implements AutoCloseable {
    private static final int PAGE = 4_096;

    private final Path path;
    private final Path ballast;
    private int names;

    private SmallDisk(Path path) {
        this.path = path;
        this.ballast = path.resolve("ballast");
    }

    /** Mounts one of that size, for that many files; empty where that is not allowed. */
    public static Optional<SmallDisk> mount(int mebibytes, int files) {
        Path path = TemporaryDirectory.create("small-disk");
        return run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m,nr_inodes=" + files, "tmpfs", path.toString())
                ? Optional.of(new SmallDisk(path))
                : Optional.empty();
    }

    /** Returns where it is. */
    public Path path() {
        return path;
    }

    /** Takes all space that is left. */
    public void fillSpace() {
        try (FileChannel file = FileChannel.open(
                Files.createDirectories(ballast).resolve("space"),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND)) {
            while (true) {
                file.write(ByteBuffer.allocate(PAGE));
            }
        } catch (IOException e) {
            requireFull(e);
        }
    }

    /** Takes all the names that are left: no file can be created any more. */
    public void fillNames() {
        try {
            Files.createDirectories(ballast);
            while (true) {
                Files.createFile(ballast.resolve("name-" + names));
                names++;
            }
        } catch (IOException e) {
            requireFull(e);
        }
    }

    /** Gives everything back that was taken. */
    public void free() {
        try (Stream<Path> files = Files.walk(ballast)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (!run("umount", "-l", path.toString())) {
            throw new IllegalStateException(path + " is still mounted");
        }
    }

    private static void requireFull(IOException e) {
        if (!String.valueOf(e.getMessage()).contains("No space left")) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
