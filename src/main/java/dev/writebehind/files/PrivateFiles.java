package dev.writebehind.files;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Files and directories that this process's user alone may read, whatever its umask is: they tell who learns what.
 * Stateless.
 */
public final class PrivateFiles {
    private static final Set<PosixFilePermission> FOREIGN = EnumSet.complementOf(EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE));

    private PrivateFiles() {}

    /** The forcing to disk of the names of created and deleted files. */
    public interface Names {
        /** Returns when they are, or fails. */
        void force(Path directory) throws IOException;
    }

    /**
     * Creates the directory and those above it, where they are missing; their names are on disk when the call returns.
     *
     * @return whether it was missing
     */
    public static boolean createDirectories(Path directory) throws IOException {
        return createDirectories(directory, PrivateFiles::forceNames);
    }

    static boolean createDirectories(Path directory, Names names) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path each = directory.toAbsolutePath().normalize();
                each != null && !Files.isDirectory(each);
                each = each.getParent()) {
            missing.push(each);
        }
        boolean created = !missing.isEmpty();
        for (Path each : missing) {
            try {
                Files.createDirectory(each, attributes(each, "rwx------"));
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(each)) {
                    throw e;
                }
            }
            names.force(requireNonNull(each.getParent()));
        }
        return created;
    }

    /** Opens a file, which is created so that nobody else may read it. */
    public static FileChannel open(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(
                file, Arrays.stream(options).collect(Collectors.toSet()), attributes(file, "rw-------"));
    }

    /** Returns when the names of created and deleted files are on disk. */
    public static void forceNames(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Whether others than the owner may do anything with what is there. */
    public static boolean isOpenToOthers(Path present) throws IOException {
        return isPosix(present)
                && Files.getPosixFilePermissions(present).stream().anyMatch(FOREIGN::contains);
    }

    private static FileAttribute<?>[] attributes(Path path, String permissions) {
        return isPosix(path)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
