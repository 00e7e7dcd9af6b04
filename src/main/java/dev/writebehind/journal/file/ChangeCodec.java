package dev.writebehind.journal.file;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The encoding of changes in the journal, numbers big-endian, keys as UTF-8 behind their length; stateless. */
final class ChangeCodec {
    private static final byte RUN = 1;
    private static final byte RESET = 2;

    /** What one change takes at most: two keys of 255 characters at 4 bytes, and the numbers of a run. */
    static final int MAX_BYTES = 1 + 2 * (2 + KeyPool.MAX_KEY_CHARACTERS * 4) + 4 + 8 + 3 * 8 + 1;

    private static final byte CHANGED = 1;
    private static final byte TOLD = 2;

    private ChangeCodec() {}

    static void encode(Change change, ByteBuffer out) {
        if (change instanceof CourseReset reset) {
            out.put(RESET);
            out.putInt(reset.learnerCourse().userId());
            out.putLong(reset.receivedAt());
            encode(reset.learnerCourse().course(), out);
        } else if (change instanceof CoalescedWrite run) {
            out.put(RUN);
            out.putInt(run.key().userId());
            out.putDouble(run.value());
            out.putLong(run.createdAt());
            out.putLong(run.changedAt());
            out.putLong(run.receivedAt());
            out.put((byte) ((run.changed() ? CHANGED : 0) | (run.told() ? TOLD : 0)));
            encode(run.key().course(), out);
            encode(run.key().block().value(), run.key().block().isAscii(), out);
        }
    }

    static Change decode(ByteBuffer in, KeyPool keys) {
        byte kind = in.get();
        return switch (kind) {
            case RUN -> decodeRun(in, keys);
            case RESET -> decodeReset(in, keys);
            default -> throw new IllegalArgumentException("a change of the unknown kind " + kind);
        };
    }

    private static CoalescedWrite decodeRun(ByteBuffer in, KeyPool keys) {
        int userId = in.getInt();
        double value = in.getDouble();
        long createdAt = in.getLong();
        long changedAt = in.getLong();
        long receivedAt = in.getLong();
        byte flags = in.get();
        CompletionKey key = new CompletionKey(userId, keys.course(decode(in)), keys.block(decode(in)));
        return new CoalescedWrite(
                key, value, createdAt, changedAt, receivedAt, (flags & CHANGED) != 0, (flags & TOLD) != 0);
    }

    private static CourseReset decodeReset(ByteBuffer in, KeyPool keys) {
        int userId = in.getInt();
        long receivedAt = in.getLong();
        return new CourseReset(new LearnerCourse(userId, keys.course(decode(in))), receivedAt);
    }

    private static void encode(CourseKey course, ByteBuffer out) {
        encode(course.value(), course.isAscii(), out);
    }

    private static void encode(String text, boolean isAscii, ByteBuffer out) {
        if (isAscii) {
            out.putShort((short) text.length());
            for (int i = 0; i < text.length(); i++) {
                out.put((byte) text.charAt(i));
            }
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putShort((short) bytes.length);
        out.put(bytes);
    }

    private static String decode(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort()];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
