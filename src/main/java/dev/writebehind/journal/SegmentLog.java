package dev.writebehind.journal;

import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The segments as they are written: one active, older ones sealed and deleted from the oldest on. For one thread. */
final class SegmentLog implements AutoCloseable {
    private final JournalDirectory directory;
    private final SegmentFile.Factory files;
    private final long segmentBytes;
    private final Deque<Sealed> sealed = new ArrayDeque<>();
    private @Nullable Active active;

    SegmentLog(JournalDirectory directory, SegmentFile.Factory files, long segmentBytes) {
        this.directory = directory;
        this.files = files;
        this.segmentBytes = segmentBytes;
    }

    /** What was written may not be on disk, nor ever get there: another attempt on the same file would prove nothing. */
    static final class NotForcedException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        NotForcedException(IOException cause) {
            super("not forced to disk: " + cause.getMessage(), cause);
        }
    }

    private record Sealed(Path path, long lastGroup, long bytes) {}

    private static final class Active {
        final Path path;
        final SegmentFile file;
        long goodBytes;
        boolean forced = true;
        long lastGroup;

        Active(Path path, SegmentFile file) {
            this.path = path;
            this.file = file;
        }
    }

    /** Appends a sealed frame, in a new segment where the active one is full, and forces it to disk if asked to. */
    void append(ByteBuffer frame, long group, boolean force) throws IOException {
        Active target = active;
        if (target != null && target.goodBytes >= segmentBytes) {
            if (!target.forced) {
                force(target); // a torn end would be taken for damage once another segment follows
            }
            target.file.close();
            sealed.add(new Sealed(target.path, target.lastGroup, target.goodBytes));
            target = null;
            active = null;
        }
        if (target == null) {
            Path path = directory.next();
            target = new Active(path, files.create(path));
            active = target;
        }
        int bytes = frame.remaining();
        target.file.write(frame);
        target.forced = false;
        if (force) {
            force(target);
        }
        target.goodBytes += bytes;
        target.lastGroup = group;
    }

    private static void force(Active target) throws IOException {
        try {
            target.file.force();
        } catch (IOException e) {
            throw new NotForcedException(e);
        }
        target.forced = true;
    }

    /** Cuts off what a failed append may have left, so that the next one follows the last good frame. */
    void undo() throws IOException {
        if (active != null) {
            try {
                active.file.truncate(active.goodBytes);
            } catch (IOException e) {
                throw new NotForcedException(e);
            }
        }
    }

    /** Deletes the sealed segments that hold nothing of that group or a later one. */
    void deleteBefore(long group) throws IOException {
        while (!sealed.isEmpty() && sealed.element().lastGroup() < group) {
            Files.deleteIfExists(sealed.remove().path());
        }
    }

    /** Returns the bytes in sealed segments. */
    long sealedBytes() {
        return sealed.stream().mapToLong(Sealed::bytes).sum();
    }

    /** Returns the last group in sealed segments; 0: there is none. */
    long lastSealedGroup() {
        return sealed.isEmpty() ? 0 : sealed.getLast().lastGroup();
    }

    /** Deletes the segments that were there before this log began. */
    static void delete(List<Path> segments) throws IOException {
        for (Path segment : new ArrayList<>(segments)) {
            Files.deleteIfExists(segment);
        }
    }

    @Override
    public void close() throws IOException {
        if (active != null) {
            active.file.close();
        }
    }
}
