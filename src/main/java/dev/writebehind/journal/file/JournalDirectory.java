package dev.writebehind.journal.file;

import dev.writebehind.files.PrivateFiles;
import dev.writebehind.journal.UnusableJournalException;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal's directory: its segments in order, and the lock that keeps other processes out. For one thread, but for
 * {@link #requirePresent}, which is safe for any.
 */
final class JournalDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JournalDirectory.class);
    private static final Pattern SEGMENT = Pattern.compile("segment-(\\d{12})\\.journal");
    /** How the names of files end that hold what was cut off. */
    static final String KEPT_TAIL = ".torn-tail";

    private static final int MAX_TAIL_BYTES_KEPT = 1 << 20;

    private final Path directory;
    private final FileChannel lockFile;
    /** Tells the locked file from another of its name; null where the file system does not. */
    private final @Nullable Object lockKey;

    private JournalDirectory(Path directory, FileChannel lockFile) throws IOException {
        this.directory = directory;
        this.lockFile = lockFile;
        this.lockKey = lockKey(directory);
    }

    /**
     * The failure of a journal under whose name another directory stands: what is written to it now is not found by the
     * next start.
     */
    static final class AwayException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        AwayException(Path directory) {
            super(directory.toAbsolutePath() + " is no longer the directory that was opened");
        }
    }

    /** Creates the directory if it is missing, and locks it. */
    @SuppressWarnings("resource") // the lock lives as long as its channel
    static JournalDirectory open(Path directory) throws IOException {
        boolean created = PrivateFiles.createDirectories(directory);
        if (!created && PrivateFiles.isOpenToOthers(directory)) {
            log.warn(
                    "Others than this process's user have access to the journal's directory {}, which tells who learns"
                            + " what: chmod -R go= {}",
                    directory.toAbsolutePath(),
                    directory.toAbsolutePath());
        }
        FileChannel lockFile =
                PrivateFiles.open(lockPath(directory), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(lockFile);
        if (lock == null) {
            lockFile.close();
            IOException inUse = new IOException("it is locked");
            throw new UnusableJournalException(
                    "the journal directory " + directory.toAbsolutePath()
                            + " is used by another process: give each instance a journal.dir of its own",
                    inUse);
        }
        try {
            JournalDirectory opened = new JournalDirectory(directory, lockFile);
            opened.tellIfNew();
            return opened;
        } catch (IOException e) {
            try (lockFile) {
                throw e;
            }
        }
    }

    private void tellIfNew() throws IOException {
        if (segments().isEmpty()) {
            log.warn(
                    "No journal is in {}: a new one begins, on the file system {}. If there was one, its volume is not"
                            + " mounted: stop, mount it, and start again",
                    directory.toAbsolutePath(),
                    Files.getFileStore(directory));
        }
    }

    static Path lockPath(Path directory) {
        return directory.resolve("lock");
    }

    private static @Nullable Object lockKey(Path directory) throws IOException {
        try {
            return Files.readAttributes(lockPath(directory), BasicFileAttributes.class)
                    .fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Fails with {@link AwayException} unless the locked file is the one under its name: a volume may be detached, or
     * another one mounted over it, while its files are open, and goes on taking writes.
     */
    void requirePresent() throws IOException {
        if (!Objects.equals(lockKey, lockKey(directory))) {
            throw new AwayException(directory);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel lockFile) throws IOException {
        try {
            return lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        } catch (IOException e) {
            try (lockFile) {
                throw e;
            }
        }
    }

    Path path() {
        return directory;
    }

    /** Returns the segments, oldest first. */
    List<Path> segments() throws IOException {
        return segments(directory);
    }

    /** Returns the segments of a directory, oldest first; whoever only looks need not open it. */
    static List<Path> segments(Path directory) throws IOException {
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

    /**
     * Cuts the segment off behind its good bytes and returns when these are on disk: another process may have left them
     * unforced. What is cut off is kept in a file beside the segment, if there is space for it.
     */
    static void end(Path segment, long goodBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() > goodBytes) {
                keepTail(segment, channel, goodBytes);
                channel.truncate(goodBytes);
            }
            channel.force(true);
        }
    }

    private static void keepTail(Path segment, FileChannel channel, long goodBytes) throws IOException {
        ByteBuffer tail = ByteBuffer.allocate((int) Math.min(MAX_TAIL_BYTES_KEPT, channel.size() - goodBytes));
        while (tail.hasRemaining() && channel.read(tail, goodBytes + tail.position()) >= 0) {
            // until it is there
        }
        Path kept = segment.resolveSibling(segment.getFileName() + KEPT_TAIL);
        try {
            try (FileChannel copy = PrivateFiles.open(
                    kept, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                tail.flip();
                while (tail.hasRemaining()) {
                    copy.write(tail);
                }
                copy.force(true);
            }
        } catch (IOException e) {
            log.info("There is no space to keep what is cut off {}: {}", segment, e.toString());
            Files.deleteIfExists(kept);
        }
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
