package dev.writebehind.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The check that bytes are UTF-8 to the letter of RFC 3629: no overlong form, no surrogate, nothing beyond U+10FFFF,
 * nothing cut short. JSON parsers are laxer than that. Stateless.
 */
public final class Utf8 {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NON_ASCII = 0x8080808080808080L;

    private Utf8() {}

    /** Whether all of it, up to that length, is well-formed. */
    public static boolean isWellFormed(byte[] bytes, int end) {
        int at = 0;
        while (at < end) {
            if (end - at >= Long.BYTES && ((long) LONGS.get(bytes, at) & NON_ASCII) == 0) {
                at += Long.BYTES;
            } else if (bytes[at] >= 0) {
                at++;
            } else {
                int length = lengthAt(bytes, at, end);
                if (length == 0) {
                    return false;
                }
                at += length;
            }
        }
        return true;
    }

    /** Returns how many bytes the character that is no ASCII takes; 0: there is no well-formed one. */
    private static int lengthAt(byte[] bytes, int at, int end) {
        int first = bytes[at] & 0xff;
        int second = at + 1 < end ? bytes[at + 1] & 0xff : 0;
        if (first < 0xe0) {
            return first >= 0xc2 && isContinuation(second) ? 2 : 0;
        }
        if (first < 0xf0) {
            int least = first == 0xe0 ? 0xa0 : 0x80;
            int most = first == 0xed ? 0x9f : 0xbf;
            return second >= least && second <= most && isContinuation(bytes, at + 2, end) ? 3 : 0;
        }
        int least = first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xf4 ? 0x8f : 0xbf;
        boolean wellFormed = first <= 0xf4
                && second >= least
                && second <= most
                && isContinuation(bytes, at + 2, end)
                && isContinuation(bytes, at + 3, end);
        return wellFormed ? 4 : 0;
    }

    private static boolean isContinuation(byte[] bytes, int at, int end) {
        return at < end && isContinuation(bytes[at] & 0xff);
    }

    private static boolean isContinuation(int unsigned) {
        return unsigned >= 0x80 && unsigned <= 0xbf;
    }
}
