package dev.writebehind.journal.file;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.journal.DamagedJournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The scan of a segment, frame by frame, outside of the heap. What can't be read is handed over as a gap: whether it is
 * a loss, {@link JournalReplay} judges. For one use, by one thread.
 */
final class SegmentScan {
    private final Path file;
    private final ByteBuffer bytes;

    private SegmentScan(Path file, ByteBuffer bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /**
     * Reads a segment into that buffer, or a larger one; throws {@link DamagedJournalException} if it is of another
     * version. Not by mapping it: a deleted file would take its space as long as the mapping lives.
     */
    static SegmentScan open(Path file, ByteBuffer reusable) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            int size = Math.toIntExact(channel.size());
            ByteBuffer bytes = reusable.capacity() < size ? ByteBuffer.allocateDirect(size) : reusable;
            bytes.clear().limit(size);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until the whole segment is there
            }
            bytes.flip();
            if (Frame.isOfAnotherVersion(bytes)) {
                throw new DamagedJournalException(
                        file, 0, "it was written by another version of this service, which alone can read it");
            }
            return new SegmentScan(file, bytes);
        }
    }

    /** The head of a group commit, which precedes its changes. */
    record Head(long group, long lowWater, long newestReceipt, int changes) {}

    /**
     * Bytes that are no sound frame, although one follows.
     *
     * @param before the last group before them in this segment; {@link #UNKNOWN}: there is none
     * @param next the first group behind them
     */
    record Gap(Path file, int offset, int end, long before, long next) {
        static final long UNKNOWN = -1;

        /** Returns how a start is refused for it. */
        DamagedJournalException damage() {
            return new DamagedJournalException(file, offset, "no sound frame begins here, but one does at byte " + end);
        }
    }

    /** The receiver of the frames, in order. */
    interface Sink {
        /** Takes a frame, which begins at that offset. */
        void frame(Head head, int offset);

        void gap(Gap gap);
    }

    /** The receiver of the changes of a group, in order. */
    interface Changes {
        /** Takes a change that takes so many bytes in the file. */
        void change(Change change, int encodedBytes);
    }

    /**
     * Hands over every sound frame and every gap between two.
     *
     * @return where the last sound frame ends
     */
    int read(Sink sink) {
        int offset = 0;
        int end = 0;
        long before = Gap.UNKNOWN;
        while (offset < bytes.limit()) {
            int next = nextSound(offset, before);
            if (next < 0) {
                return end;
            }
            if (next > offset) {
                sink.gap(new Gap(file, offset, next, before, Frame.group(bytes, next)));
            }
            before = Frame.group(bytes, next);
            sink.frame(head(next), next);
            end = Math.toIntExact(Frame.end(bytes, next));
            offset = end;
        }
        return end;
    }

    /** Groups count up within a segment: another one is what an older file left in these blocks of the disk. */
    private int nextSound(int offset, long before) {
        for (int next = offset; next < bytes.limit(); next++) {
            if (Frame.isSound(bytes, next) && Frame.group(bytes, next) > before) {
                return next;
            }
        }
        return -1;
    }

    private Head head(int offset) {
        int payload = offset + Frame.HEADER_BYTES;
        return new Head(
                bytes.getLong(payload),
                bytes.getLong(payload + 8),
                bytes.getLong(payload + 16),
                bytes.getInt(payload + 24));
    }

    /** Hands over what a frame that was found sound holds. */
    void changes(int offset, KeyPool keys, Changes sink) {
        ByteBuffer payload = bytes.duplicate()
                .limit(Math.toIntExact(Frame.end(bytes, offset)))
                .position(offset + Frame.EMPTY_BYTES);
        for (int left = head(offset).changes(); left > 0; left--) {
            int start = payload.position();
            Change change;
            try {
                change = ChangeCodec.decode(payload, keys);
            } catch (RuntimeException e) {
                throw new DamagedJournalException(file, offset, "its checksum is right, but not its content: " + e);
            }
            sink.change(change, payload.position() - start);
        }
    }

    /** Returns the buffer, for the next segment once this one is done with. */
    ByteBuffer buffer() {
        return bytes;
    }

    long size() {
        return bytes.limit();
    }
}
