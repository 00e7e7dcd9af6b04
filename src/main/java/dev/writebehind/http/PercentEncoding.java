package dev.writebehind.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The decoder of what RFC 3986 calls percent-encoding; a plus sign stands for itself. Stateless. */
final class PercentEncoding {
    private PercentEncoding() {}

    /** Returns the text, or throws {@link IllegalArgumentException}: broken off, no digits, no UTF-8. */
    static String decode(String text) {
        int percent = text.indexOf('%');
        if (percent < 0) {
            return text;
        }
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer decoded = ByteBuffer.allocate(octets.length);
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] != '%') {
                decoded.put(octets[i]);
                continue;
            }
            int high = i + 2 < octets.length ? Octets.hex(octets[i + 1]) : -1;
            int low = i + 2 < octets.length ? Octets.hex(octets[i + 2]) : -1;
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException("a percent sign is not followed by two hexadecimal digits");
            }
            decoded.put((byte) (high << 4 | low));
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the bytes are not UTF-8", e);
        }
    }
}
