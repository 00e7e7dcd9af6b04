package dev.writebehind.journal;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.KeyPool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Encodes runs for the journal, numbers big-endian, keys as UTF-8 behind their length; stateless. */
final class RunCodec {
    /** What one run takes at most: two keys of 255 characters at 4 bytes, and the numbers. */
    static final int MAX_BYTES = 2 * (2 + KeyPool.MAX_KEY_CHARACTERS * 4) + 4 + 8 + 3 * 8 + 1;

    private RunCodec() {}

    static void encode(CoalescedWrite run, ByteBuffer out) {
        out.putInt(run.key().userId());
        out.putDouble(run.value());
        out.putLong(run.createdAt());
        out.putLong(run.changedAt());
        out.putLong(run.receivedAt());
        out.put((byte) (run.changed() ? 1 : 0));
        encode(run.key().course().value(), out);
        encode(run.key().block().value(), out);
    }

    static CoalescedWrite decode(ByteBuffer in, KeyPool keys) {
        int userId = in.getInt();
        double value = in.getDouble();
        long createdAt = in.getLong();
        long changedAt = in.getLong();
        long receivedAt = in.getLong();
        boolean changed = in.get() != 0;
        CompletionKey key = new CompletionKey(userId, keys.course(decode(in)), keys.block(decode(in)));
        return new CoalescedWrite(key, value, createdAt, changedAt, receivedAt, changed);
    }

    private static void encode(String text, ByteBuffer out) {
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
