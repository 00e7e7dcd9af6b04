package dev.writebehind.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The fields of one request that may come once only, since two parsers may heed two different ones; and what those of
 * them say that tell where the request ends. Not for concurrent use.
 */
final class SingleFields {
    private static final Faults FAULTS = new Faults("the headers are");
    private static final String HOST = "host";
    private static final String LENGTH = "content-length";
    private static final String CODING = "transfer-encoding";

    static final List<String> NAMES = List.of(
            HOST,
            LENGTH,
            CODING,
            "content-type",
            "content-encoding",
            "authorization",
            "expect",
            "origin",
            "referer",
            "sec-fetch-site",
            "x-csrftoken",
            // Netty reads eight bytes behind a request with this one, whatever Content-Length says.
            "sec-websocket-key1");

    private static final byte[][] BYTES =
            NAMES.stream().map(name -> name.getBytes(StandardCharsets.US_ASCII)).toArray(byte[][]::new);
    private static final byte[] CHUNKED = "chunked".getBytes(StandardCharsets.US_ASCII);
    private static final int NONE = -1;
    private static final int WEBSOCKET_KEY = NAMES.size() - 1;
    private static final int MAX_NAME_LENGTH =
            NAMES.stream().mapToInt(String::length).max().orElseThrow();

    private static final int[][] NAMES_BY_LENGTH = byLength();

    private final byte[] name = new byte[MAX_NAME_LENGTH];
    private int nameLength;
    private boolean isTrailer;
    private int seen;
    private int current = NONE;
    private int valueLength;
    private boolean isValueOver;
    private long contentLength;

    private static int[][] byLength() {
        int[][] byLength = new int[MAX_NAME_LENGTH + 1][];
        for (int length = 0; length <= MAX_NAME_LENGTH; length++) {
            int wanted = length;
            byLength[length] = IntStream.range(0, NAMES.size())
                    .filter(index -> NAMES.get(index).length() == wanted)
                    .toArray();
        }
        return byLength;
    }

    void begin() {
        seen = 0;
        current = NONE;
        isTrailer = false;
        contentLength = 0;
    }

    void beginTrailers() {
        isTrailer = true;
    }

    boolean hasHost() {
        return isSeen(0);
    }

    boolean hasLength() {
        return isSeen(1);
    }

    boolean hasCoding() {
        return isSeen(2);
    }

    /** Returns the value of {@code Content-Length}; 0: there is none. */
    long contentLength() {
        return contentLength;
    }

    private boolean isSeen(int index) {
        return (seen & 1 << index) != 0;
    }

    void beginName(byte first) {
        name[0] = first;
        nameLength = 1;
    }

    /** Goes on with a name, of which only so much is kept as can be one of ours. */
    void name(byte[] octets, int from, int to) {
        int length = to - from;
        if (nameLength + length <= MAX_NAME_LENGTH) {
            for (int i = 0; i < length; i++) {
                name[nameLength + i] = octets[from + i];
            }
        }
        nameLength += length;
    }

    void endName() {
        current = nameLength <= MAX_NAME_LENGTH ? find() : NONE;
        if (current == NONE) {
            return;
        }
        String text = NAMES.get(current);
        if (isUnderscored() || current == WEBSOCKET_KEY || isTrailer) {
            throw FAULTS.of(text + (isTrailer ? " stands behind the body" : " is not taken in this spelling"));
        }
        if (isSeen(current)) {
            throw FAULTS.of("there are two " + text);
        }
        seen |= 1 << current;
        valueLength = 0;
        isValueOver = false;
    }

    private boolean isUnderscored() {
        for (int i = 0; i < nameLength; i++) {
            if (name[i] == '_') {
                return true;
            }
        }
        return false;
    }

    private int find() {
        for (int candidate : NAMES_BY_LENGTH[nameLength]) {
            byte[] expected = BYTES[candidate];
            int at = 0;
            while (at < nameLength && Octets.folded(name[at]) == expected[at]) {
                at++;
            }
            if (at == nameLength) {
                return candidate;
            }
        }
        return NONE;
    }

    /** Whether the current field's value is to be handed over. */
    boolean isRead() {
        return current >= 0 && current <= 2;
    }

    void value(byte octet) {
        if (octet == ' ' || octet == '\t') {
            isValueOver = valueLength > 0;
            return;
        }
        boolean right = !isValueOver
                && switch (current) {
                    case 0 -> Octets.is(Octets.HOST, octet);
                    case 1 -> isLengthGoingOn(octet);
                    default -> valueLength < CHUNKED.length && octet == CHUNKED[valueLength];
                };
        if (!right) {
            throw FAULTS.of(fault());
        }
        valueLength++;
    }

    private boolean isLengthGoingOn(byte octet) {
        boolean isLeadingZero = valueLength == 1 && contentLength == 0;
        if (octet < '0' || octet > '9' || isLeadingZero || contentLength > Long.MAX_VALUE / 10 - 1) {
            return false;
        }
        contentLength = contentLength * 10 + (octet - '0');
        return true;
    }

    void endValue() {
        if ((current == 1 && valueLength == 0) || (current == 2 && valueLength != CHUNKED.length)) {
            throw FAULTS.of(fault());
        }
        current = NONE;
    }

    private String fault() {
        return switch (current) {
            case 0 -> "host is not a host name with or without a port";
            case 1 -> "content-length is not a number";
            default -> "transfer-encoding must be 'chunked' and nothing else";
        };
    }
}
