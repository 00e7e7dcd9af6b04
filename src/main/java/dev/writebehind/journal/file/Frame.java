package dev.writebehind.journal.file;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The layout of one group commit in a segment; stateless.
 *
 * <pre>
 * magic:4  payload length:4  payload CRC32C:4  CRC32C of these twelve bytes:4
 * group:8  low water:8  newest receipt:8  changes:4  change …
 * </pre>
 *
 * The header has a checksum of its own, so that a damaged length is told from a frame that a crash cut short.
 */
final class Frame {
    static final int MAGIC = 0x57424A32;
    static final int HEADER_BYTES = 16;
    static final int PREAMBLE_BYTES = 8 + 8 + 8 + 4;
    static final int MAX_PAYLOAD_BYTES = 64 << 20;
    /** What a frame without changes takes; every other one takes more. */
    static final int EMPTY_BYTES = HEADER_BYTES + PREAMBLE_BYTES;

    private Frame() {}

    /** Writes the header of the payload that lies between {@code start + HEADER_BYTES} and the buffer's position. */
    static void seal(ByteBuffer buffer, int start) {
        int payload = start + HEADER_BYTES;
        int length = buffer.position() - payload;
        buffer.putInt(start, MAGIC);
        buffer.putInt(start + 4, length);
        buffer.putInt(start + 8, crc(buffer, payload, length));
        buffer.putInt(start + 12, crc(buffer, start, 12));
    }

    /** Whether a sound header stands at that offset. */
    static boolean isHeader(ByteBuffer file, int offset) {
        return offset + HEADER_BYTES <= file.limit()
                && file.getInt(offset) == MAGIC
                && file.getInt(offset + 12) == crc(file, offset, 12)
                && file.getInt(offset + 4) >= PREAMBLE_BYTES
                && file.getInt(offset + 4) <= MAX_PAYLOAD_BYTES;
    }

    /** Whether the file begins with a sound header of another layout than this one. */
    static boolean isOfAnotherVersion(ByteBuffer file) {
        return file.limit() >= HEADER_BYTES
                && file.getInt(0) != MAGIC
                && file.getInt(0) >>> 8 == MAGIC >>> 8
                && file.getInt(12) == crc(file, 0, 12);
    }

    /** Returns where the frame with a sound header at that offset ends, possibly beyond the file. */
    static long end(ByteBuffer file, int offset) {
        return (long) offset + HEADER_BYTES + file.getInt(offset + 4);
    }

    /** Whether header and payload at that offset are whole and sound. */
    static boolean isSound(ByteBuffer file, int offset) {
        if (!isHeader(file, offset) || end(file, offset) > file.limit()) {
            return false;
        }
        return file.getInt(offset + 8) == crc(file, offset + HEADER_BYTES, file.getInt(offset + 4));
    }

    /** Returns the group number of the sound frame at that offset. */
    static long group(ByteBuffer file, int offset) {
        return file.getLong(offset + HEADER_BYTES);
    }

    private static int crc(ByteBuffer buffer, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().limit(offset + length).position(offset));
        return (int) crc.getValue();
    }
}
