package dev.writebehind.journal.file;

import dev.writebehind.journal.JournalStats;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The segments as they are written: one active, older ones sealed until nothing needs them. For one thread. */
final class SegmentLog implements AutoCloseable {
    private final JournalDirectory directory;
    private final SegmentFile.Factory files;
    private final long segmentBytes;
    private final JournalStats stats;
    private final Deque<Sealed> sealed = new ArrayDeque<>();
    private @Nullable Active active;

    SegmentLog(JournalDirectory directory, SegmentFile.Factory files, long segmentBytes, JournalStats stats) {
        this.directory = directory;
        this.files = files;
        this.segmentBytes = segmentBytes;
        this.stats = stats;
    }

    /**
     * The failure to force what was written: it may not be on disk, nor ever get there, and to force it once more would
     * prove nothing.
     */
    static final class NotForcedException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        NotForcedException(IOException cause) {
            super("not forced to disk: " + cause.getMessage(), cause);
        }
    }

    /**
     * A segment that is no longer written.
     *
     * @param resets whether it holds resets, which keep runs in older segments from coming back
     */
    record Sealed(Path path, long firstGroup, long lastGroup, long bytes, boolean resets) {}

    private static final class Active {
        final Path path;
        final SegmentFile file;
        final long firstGroup;
        long goodBytes;
        long forcedBytes;
        boolean forced = true;
        boolean resets;
        long lastGroup;

        Active(Path path, SegmentFile file, long firstGroup) {
            this.path = path;
            this.file = file;
            this.firstGroup = firstGroup;
        }
    }

    /** Takes over a segment from before the start; the oldest first. */
    void adopt(Sealed segment) {
        sealed.add(segment);
    }

    /** Whether the next frame begins a new segment. */
    boolean beginsNext() {
        return active == null || active.goodBytes >= segmentBytes;
    }

    /**
     * Whether a new segment, and one more, find space: the second is for appending anew what keeps old segments, so
     * that they can go.
     */
    boolean hasReserve() {
        return files.freeBytes(directory.path()) >= 2 * segmentBytes;
    }

    /** Appends a sealed frame, in a new segment where the active one is full, and forces it to disk if asked to. */
    void append(ByteBuffer frame, long group, boolean resets, boolean force) throws IOException {
        if (beginsNext()) {
            seal();
        }
        Active target = active;
        if (target == null) {
            Path path = directory.next();
            target = new Active(path, files.create(path), group);
            active = target;
        }
        int bytes = frame.remaining();
        target.file.write(frame);
        target.forced = false;
        if (force) {
            force(target);
        }
        target.goodBytes += bytes;
        if (force) {
            target.forcedBytes = target.goodBytes;
        }
        target.lastGroup = group;
        target.resets |= resets;
    }

    /** Ends the active segment, so that the next frame begins a new one. */
    void seal() throws IOException {
        Active target = active;
        if (target == null) {
            return;
        }
        if (!target.forced) {
            force(target); // a torn end would be taken for damage once another segment follows
        }
        target.file.close();
        active = null;
        if (target.goodBytes == 0) {
            Files.deleteIfExists(target.path);
        } else {
            sealed.add(new Sealed(target.path, target.firstGroup, target.lastGroup, target.goodBytes, target.resets));
        }
    }

    private void force(Active target) throws IOException {
        long begun = System.nanoTime();
        try {
            target.file.force();
        } catch (IOException e) {
            target.goodBytes = target.forcedBytes;
            throw new NotForcedException(e);
        }
        target.forced = true;
        stats.synced(System.nanoTime() - begun);
    }

    /**
     * Cuts off what a failed append may have left, so that the next one follows the last good frame: after a failed
     * force the last one that was forced before.
     */
    void undo() throws IOException {
        if (active != null) {
            try {
                active.file.truncate(active.goodBytes);
            } catch (IOException e) {
                throw new NotForcedException(e);
            }
            active.forced = true;
            active.forcedBytes = active.goodBytes;
        }
    }

    /** Deletes the oldest segments as long as they hold nothing of that group or a later one. */
    void deleteBefore(long group) throws IOException {
        while (!sealed.isEmpty() && sealed.element().lastGroup() < group) {
            Files.deleteIfExists(sealed.element().path());
            sealed.remove();
        }
    }

    /** Deletes, among younger ones too, what nobody needs and what keeps nothing older from coming back. */
    void deleteDead(Predicate<Sealed> needed) throws IOException {
        for (Iterator<Sealed> all = sealed.iterator(); all.hasNext(); ) {
            Sealed segment = all.next();
            if (!segment.resets() && !needed.test(segment)) {
                Files.deleteIfExists(segment.path());
                all.remove();
            }
        }
    }

    /** Has the figures say what there is. */
    void tell() {
        stats.holds(sealed.size() + (active == null ? 0 : 1), sealedBytes() + activeBytes());
    }

    /** Returns the bytes in sealed segments. */
    long sealedBytes() {
        return sealed.stream().mapToLong(Sealed::bytes).sum();
    }

    /** Returns the bytes in the active segment. */
    long activeBytes() {
        return active == null ? 0 : active.goodBytes;
    }

    /** Returns the last group in sealed segments; 0: there is none. */
    long lastSealedGroup() {
        return sealed.isEmpty() ? 0 : sealed.getLast().lastGroup();
    }

    /** Returns the last group in the oldest sealed segment; 0: there is none. */
    long oldestSealedGroup() {
        return sealed.isEmpty() ? 0 : sealed.getFirst().lastGroup();
    }

    @Override
    public void close() throws IOException {
        if (active != null) {
            active.file.close();
        }
    }
}
