package dev.writebehind.journal;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.KeyPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Reads a segment from its beginning and tells a torn tail from damage; for one use, by one thread. */
final class SegmentScan {
    private final Path file;
    private final KeyPool keys;

    SegmentScan(Path file, KeyPool keys) {
        this.file = file;
        this.keys = keys;
    }

    /** One group commit as it was read. */
    record Group(long number, long lowWater, long newestReceipt, List<Change> changes) {}

    interface Sink {
        void accept(Group group);
    }

    /**
     * Hands over every group in order.
     *
     * @return how many bytes are good; what lies behind them is a torn tail
     * @throws DamagedJournalException if a sound frame lies behind something that can't be read
     */
    long read(Sink sink) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until the whole segment is there
            }
            bytes.flip();
            if (Frame.isOfAnotherVersion(bytes)) {
                throw new DamagedJournalException(
                        file, 0, "it was written by another version of this service, which alone can read it");
            }
            int offset = 0;
            while (offset < bytes.limit() && Frame.isSound(bytes, offset)) {
                sink.accept(group(bytes, offset));
                offset = Math.toIntExact(Frame.end(bytes, offset));
            }
            refuseDamage(bytes, offset);
            return offset;
        }
    }

    private void refuseDamage(ByteBuffer bytes, int offset) {
        for (int next = offset + 1; next < bytes.limit(); next++) {
            if (Frame.isSound(bytes, next)) {
                throw new DamagedJournalException(
                        file, offset, "no sound frame begins here, but one does at byte " + next);
            }
        }
    }

    private Group group(ByteBuffer bytes, int offset) {
        ByteBuffer payload = bytes.duplicate()
                .limit(Math.toIntExact(Frame.end(bytes, offset)))
                .position(offset + Frame.HEADER_BYTES);
        long number = payload.getLong();
        long lowWater = payload.getLong();
        long newestReceipt = payload.getLong();
        int count = payload.getInt();
        List<Change> changes = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                changes.add(ChangeCodec.decode(payload, keys));
            }
        } catch (RuntimeException e) {
            throw new DamagedJournalException(file, offset, "its checksum is right, but not its content: " + e);
        }
        return new Group(number, lowWater, newestReceipt, changes);
    }
}
