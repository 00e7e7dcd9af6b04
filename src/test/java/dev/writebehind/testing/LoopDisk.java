package dev.writebehind.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A file system in a file of its own, which can break, be taken away and brought back with what is on it. Only where
 * this process may mount one and there are the programs to make it. Not for concurrent use.
 */
public final class LoopDisk implements AutoCloseable {
    private static final long MEBI = 1 << 20;

    private final Path mountPoint = TemporaryDirectory.create("loop-disk");
    private final Path image;
    private final String device;

    private LoopDisk(Path image, String device) {
        this.image = image;
        this.device = device;
    }

    /** Mounts an ext4 file system of that size; empty where that is not allowed. */
    public static Optional<LoopDisk> mount(int mebibytes) {
        return create(mebibytes, "mkfs.ext4", "-q").filter(LoopDisk::isMounted);
    }

    /** Makes a file system with that program, and mounts it. */
    static Optional<LoopDisk> create(int mebibytes, String... format) {
        Path image = TemporaryDirectory.create("image").resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(mebibytes * MEBI);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String[] command = Arrays.copyOf(format, format.length + 1);
        command[format.length] = image.toString();
        if (!Command.run(command)) {
            return Optional.empty();
        }
        return Command.output("losetup", "--find", "--show", image.toString()).map(device -> {
            LoopDisk disk = new LoopDisk(image, device);
            Command.run("mount", device, disk.mountPoint.toString());
            return disk;
        });
    }

    /** Returns where it is mounted. */
    public Path path() {
        return mountPoint;
    }

    /** Breaks the file system as an I/O error does: ext4 takes no more writes until it was unmounted. */
    public void failReadOnly() {
        require("mount", "-o", "remount,errors=remount-ro", mountPoint.toString());
        Path trigger = Path.of("/sys/fs/ext4", Path.of(device).getFileName().toString(), "trigger_fs_error");
        try {
            Files.writeString(trigger, "1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Unmounts it, checks it as an operator would, and mounts it again; nobody may have files of it open. */
    public void repair() {
        require("umount", mountPoint.toString());
        Command.run("e2fsck", "-y", device); // ends with 1 where it mended something
        attach();
    }

    /** Takes it away from its mount point; who has files open keeps them. */
    public void detach() {
        require("umount", "-l", mountPoint.toString());
    }

    /** Mounts it again. */
    public void attach() {
        require("mount", device, mountPoint.toString());
    }

    /** Mounts it again so that nobody may write. */
    public void attachReadOnly() {
        require("mount", "-o", "ro", device, mountPoint.toString());
    }

    /** Lets nobody create anything in the mount point while it is not mounted. Returns whether that can be done. */
    public boolean forbidMountPoint() {
        return Command.run("chattr", "+i", mountPoint.toString());
    }

    /** Whether it is mounted. */
    public boolean isMounted() {
        return Command.run("mountpoint", "-q", mountPoint.toString());
    }

    @Override
    public void close() {
        while (isMounted()) {
            detach();
        }
        Command.run("chattr", "-i", mountPoint.toString());
        Command.run("losetup", "--detach", device);
        try {
            Files.delete(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void require(String... command) {
        if (!Command.run(command)) {
            throw new IllegalStateException("failed: " + String.join(" ", command));
        }
    }
}
