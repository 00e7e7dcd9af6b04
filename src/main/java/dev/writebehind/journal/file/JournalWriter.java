package dev.writebehind.journal.file;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog.Entry;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.journal.file.Operation.Append;
import dev.writebehind.journal.file.SegmentLog.Sealed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;

/** The writer of frames, which knows what of all that is on disk is still needed. For one thread. */
final class JournalWriter implements AutoCloseable {
    /** Sealed segments beyond which changes that still lie in them are appended anew, so that they can go. */
    private static final int MAX_SEALED_SEGMENTS = 4;

    private final SegmentLog segments;
    private final long segmentBytes;
    private final long mostSettledBytes;
    private final LiveTotal live = new LiveTotal();
    private Deque<LiveGroup> groups = new ArrayDeque<>();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    private long lastGroup;
    private long writtenLowWater;
    private long newestReceipt;

    /** Creates a writer; {@code mostSettledBytes}: most that a start may have to take over for nothing, on disk. */
    JournalWriter(SegmentLog segments, long segmentBytes, long mostSettledBytes) {
        this.segments = segments;
        this.segmentBytes = segmentBytes;
        this.mostSettledBytes = mostSettledBytes;
    }

    /** Has the figures say what there is. */
    void tell() {
        segments.tell();
    }

    LiveTotal live() {
        return live;
    }

    /** Takes over what a start found, and goes on behind it. */
    void takeOver(JournalReplay replay, KeyPool keys, BiConsumer<Change, Entry> sink) throws IOException {
        groups = replay.handOver(keys, live, segments, sink);
        lastGroup = replay.lastGroup();
        newestReceipt = replay.newestReceipt();
    }

    /** Takes note of the receipt of an append that need not be written. */
    void skip(Append append) {
        newestReceipt = Math.max(newestReceipt, append.change().receivedAt());
    }

    /** Writes the appends among the operations as one group, which may be none, and forces it to disk if asked to. */
    void write(List<Operation> operations, boolean force) throws IOException {
        long number = lastGroup + 1;
        LiveGroup group = new LiveGroup(number, live);
        buffer.clear().position(Frame.EMPTY_BYTES);
        int changes = 0;
        boolean resets = false;
        for (Operation operation : operations) {
            if (operation instanceof Append append) {
                ensureRoom();
                int start = buffer.position();
                ChangeCodec.encode(append.change(), buffer);
                append.entry().measured(buffer.position() - start);
                newestReceipt = Math.max(newestReceipt, append.change().receivedAt());
                resets |= append.change() instanceof CourseReset;
                changes++;
            }
        }
        long lowWater = lowWater();
        buffer.putLong(Frame.HEADER_BYTES, number)
                .putLong(Frame.HEADER_BYTES + 8, lowWater)
                .putLong(Frame.HEADER_BYTES + 16, newestReceipt)
                .putInt(Frame.HEADER_BYTES + 24, changes);
        Frame.seal(buffer, 0);
        segments.append(buffer.flip(), number, resets, force);
        lastGroup = number;
        // A frame that says that nothing is needed is not needed either, else it would call for another one.
        writtenLowWater = changes == 0 && lowWater == number ? number + 1 : lowWater;
        groups.add(group);
        for (Operation operation : operations) {
            if (operation instanceof Append append) {
                append.entry().written(group);
            }
        }
    }

    private void ensureRoom() {
        if (buffer.remaining() < ChangeCodec.MAX_BYTES) {
            ByteBuffer larger = ByteBuffer.allocateDirect(buffer.capacity() * 2);
            buffer.flip();
            larger.put(buffer);
            buffer = larger;
        }
    }

    /** Whether the low water has risen since it was last written down. */
    boolean isLowWaterBehind() {
        return lowWater() > writtenLowWater;
    }

    /** Returns the number of the first group of which anything is needed. */
    private long lowWater() {
        while (!groups.isEmpty() && !groups.element().isLive()) {
            groups.remove().leave();
        }
        return groups.isEmpty() ? lastGroup + 1 : groups.element().number();
    }

    void deleteUnneeded() throws IOException {
        segments.deleteBefore(lowWater());
    }

    /** Cuts off what a failed write may have left. */
    void undo() throws IOException {
        segments.undo();
    }

    /** Whether the next frame begins a segment that the disk has no space to spare for. */
    boolean lacksReserve() {
        return segments.beginsNext() && !segments.hasReserve();
    }

    boolean hasReserve() {
        return segments.hasReserve();
    }

    /** Frees what can be freed without writing anything. */
    void makeRoom() throws IOException {
        deleteUnneeded();
        segments.deleteDead(this::isNeeded);
        if (!isAnythingLive()) {
            makeRoomWhereNothingIsNeeded();
        }
    }

    private boolean isNeeded(Sealed segment) {
        return groups.stream()
                .anyMatch(group -> group.isLive()
                        && group.number() >= segment.firstGroup()
                        && group.number() <= segment.lastGroup());
    }

    private boolean isAnythingLive() {
        return live.entries() > 0;
    }

    /**
     * The newest receipt has to be kept: the active segment goes once another one tells it, or where none finds space.
     */
    private void makeRoomWhereNothingIsNeeded() throws IOException {
        if (segments.activeBytes() > Frame.EMPTY_BYTES) {
            segments.seal();
        }
        if (segments.lastSealedGroup() == 0) {
            return;
        }
        try {
            write(List.of(), true);
        } catch (IOException e) {
            if (e instanceof SegmentLog.NotForcedException && !DiskTrouble.isToldToPass(e)) {
                throw e;
            }
            segments.undo();
            segments.deleteBefore(Long.MAX_VALUE);
            write(List.of(), true);
        }
        deleteUnneeded();
    }

    /**
     * Returns the group before which everything needed should be appended anew, so that old segments can go; 0: none.
     *
     * @param full whether the disk is: then one segment at a time, but any that would be worth it
     */
    long outdatedBefore(boolean full) {
        // Twice what is needed at least, else a journal full of needed runs would be rewritten for ever.
        if (full) {
            return segments.sealedBytes() > 2 * live.bytes() ? segments.oldestSealedGroup() + 1 : 0;
        }
        long limit = Math.max(MAX_SEALED_SEGMENTS * segmentBytes, 2 * live.bytes());
        boolean outdated = segments.sealedBytes() > limit || live.settledBytes() > mostSettledBytes;
        return outdated ? segments.lastSealedGroup() + 1 : 0;
    }

    @Override
    public void close() throws IOException {
        segments.close();
    }
}
