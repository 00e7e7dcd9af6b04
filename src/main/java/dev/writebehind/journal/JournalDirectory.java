package dev.writebehind.journal;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The journal's directory: its segments in order, and the lock that keeps other processes out. For one thread. */
final class JournalDirectory implements AutoCloseable {
    private static final Pattern SEGMENT = Pattern.compile("segment-(\\d{12})\\.journal");

    private final Path directory;
    private final FileChannel lockFile;

    private JournalDirectory(Path directory, FileChannel lockFile) {
        this.directory = directory;
        this.lockFile = lockFile;
    }

    /** Creates the directory if it is missing, and locks it. */
    @SuppressWarnings("resource") // the lock lives as long as its channel
    static JournalDirectory open(Path directory) throws IOException {
        Files.createDirectories(directory);
        force(requireNonNull(directory.toAbsolutePath().getParent()));
        FileChannel lockFile =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(lockFile);
        if (lock == null) {
            lockFile.close();
            throw new IOException("the journal directory " + directory.toAbsolutePath()
                    + " is used by another process: give each instance a journal.dir of its own");
        }
        return new JournalDirectory(directory, lockFile);
    }

    private static @Nullable FileLock tryLock(FileChannel lockFile) throws IOException {
        try {
            return lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** Returns the segments, oldest first. */
    List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file ->
                            SEGMENT.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    /** Returns the name of the segment that follows those present. */
    Path next() throws IOException {
        long last = 0;
        for (Path file : segments()) {
            Matcher matcher = SEGMENT.matcher(file.getFileName().toString());
            if (matcher.matches()) {
                last = Math.max(last, Long.parseLong(matcher.group(1)));
            }
        }
        return directory.resolve(String.format(Locale.ROOT, "segment-%012d.journal", last + 1));
    }

    /** Keeps what lies behind the good bytes in a file beside the segment, and cuts it off. */
    static void cutTail(Path segment, long goodBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer tail = ByteBuffer.allocate(Math.toIntExact(channel.size() - goodBytes));
            channel.read(tail, goodBytes);
            tail.flip();
            try (FileChannel copy = FileChannel.open(
                    segment.resolveSibling(segment.getFileName() + ".torn-tail"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                copy.write(tail);
                copy.force(true);
            }
            channel.truncate(goodBytes);
            channel.force(true);
        }
    }

    /** Returns when the names of created and deleted files are on disk. */
    static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
