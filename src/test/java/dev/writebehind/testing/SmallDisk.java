package dev.writebehind.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A file system in memory, or a part of one on disk with a quota, small enough to be filled. Only where this process
 * may mount one. Not for concurrent use.
 */
public final class SmallDisk implements AutoCloseable {
    private static final int PAGE = 4_096;

    private final Path path;
    private final Path ballast;
    private final Optional<LoopDisk> within;
    private int names;

    private SmallDisk(Path path, Optional<LoopDisk> within) {
        this.path = path;
        this.within = within;
        this.ballast = path.resolve("ballast");
    }

    /** Mounts one of that size, for that many files; empty where that is not allowed. */
    public static Optional<SmallDisk> mount(int mebibytes, int files) {
        Path path = TemporaryDirectory.create("small-disk");
        return Command.run(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=" + mebibytes + "m,nr_inodes=" + files,
                        "tmpfs",
                        path.toString())
                ? Optional.of(new SmallDisk(path, Optional.empty()))
                : Optional.empty();
    }

    /** Mounts one with more space than a quota lets be used; empty where that is not allowed or can't be made. */
    public static Optional<SmallDisk> mountWithQuota(int mebibytes) {
        return LoopDisk.create(128, "mkfs.btrfs", "-q").flatMap(disk -> {
            String root = disk.path().toString();
            Path limited = disk.path().resolve("limited");
            boolean made = disk.isMounted()
                    && Command.run("btrfs", "quota", "enable", root)
                    && Command.run("btrfs", "subvolume", "create", limited.toString())
                    && Command.run("btrfs", "qgroup", "limit", mebibytes + "M", limited.toString());
            if (!made) {
                disk.close();
                return Optional.empty();
            }
            return Optional.of(new SmallDisk(limited, Optional.of(disk)));
        });
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
        if (within.isPresent()) {
            within.get().close();
        } else if (!Command.run("umount", "-l", path.toString())) {
            throw new IllegalStateException(path + " is still mounted");
        }
    }

    private static void requireFull(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (!message.contains("No space left") && !message.contains("quota exceeded")) {
            throw new UncheckedIOException(e);
        }
    }
}
